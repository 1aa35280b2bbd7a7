/** The trace of the reference: every equation under its name, once, and nothing changed by looking. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { putScenario, request, type Caps } from '../../src/conform/client.js'
import { localConnection } from '../../src/conform/connection.js'
import { randomScenario } from '../../src/conform/generate.js'
import { decodeScenario, encodeScenario } from '../../src/conform/protocol.js'
import { rulesOf } from '../../src/conform/rules.js'
import { parseJson, asRecord } from '../../src/conform/json.js'
import { CAPS, isCulprit, serveLine, stepFrom } from '../../src/conform/serve.js'
import { begun, courseOf, nest } from '../../src/conform/situation.js'
import { readTensor, sameBits, toHex } from '../../src/conform/tensor.js'
import { applyUpdates, infer, keyOf, step, type Matrix } from '../../src/index.js'

const caps: Caps = { ...CAPS, trace: 'full', level: 'bit' }
const scenarios = Array.from({ length: 80 }, (_, i) => randomScenario(keyOf(77), i, caps))
const reference = localConnection(serveLine)

test('[pr-trace] A1-L6, O1-O4: the trace has exactly the names of the step, in the order of SPEC.md, each once', () => {
  for (const scenario of scenarios) {
    const [moment] = scenario.inputs
    const start = moment!.begin ? begun(scenario.config, scenario.from, moment!.x.rows, moment!.begin) : scenario.from
    const outcome = stepFrom(scenario, scenario.from, moment!)
    assert.ok(!isCulprit(outcome))
    const wanted = rulesOf(scenario.config, courseOf(scenario.config, start, moment!, scenario.train)).map(({ id }) => id)
    assert.deepEqual([...outcome.trace.keys()].sort(), [...wanted].sort())
  }
})

test('[pr-trace] a step that is traced and one that is not give the same bits', () => {
  for (const {
    config,
    from,
    inputs: [input],
  } of scenarios) {
    const { state, model } = nest(config, from)
    const told: string[] = []
    const see = (name: string, value: Matrix): Matrix => {
      told.push(name)
      return value
    }
    const [plain, traced] = [step(config, model.weights, state, input!), step(config, model.weights, state, input!, { see })]
    assert.deepEqual(traced, plain)
    assert.equal(new Set(told).size, told.length)
    assert.deepEqual(infer(config, model.weights, state, input!, { see }).state, plain.state)
    const absorbed = applyUpdates(config, model, plain.updates, input!.mask)
    assert.deepEqual(applyUpdates(config, model, plain.updates, input!.mask, see), absorbed)
  }
})

test('[pr-requests] what is encoded is decoded as it was', () => {
  for (const scenario of scenarios) {
    const read = decodeScenario(asRecord(parseJson(JSON.stringify(encodeScenario(scenario))))!)
    assert.deepEqual(read.config, scenario.config)
    assert.deepEqual(
      [read.from.t, read.from.key, read.train, read.inputs.length],
      [scenario.from.t, scenario.from.key, scenario.train, scenario.inputs.length],
    )
    for (const [name, value] of scenario.from.tensors) assert.ok(sameBits(value, read.from.tensors.get(name)!), name)
  }
})

test('[pr-answers] an `equation` request gives the bits that the trace has', async () => {
  for (const scenario of [
    ...scenarios.slice(0, 12),
    ...scenarios.filter(({ config, inputs, train }) => train && inputs[0]!.end && config.update === 'sequence'),
  ]) {
    const {
      config,
      from,
      inputs: [moment],
      train,
    } = scenario
    const start = moment!.begin ? begun(config, from, moment!.x.rows, moment!.begin) : from
    const outcome = stepFrom(scenario, from, moment!)
    assert.ok(!isCulprit(outcome))
    const known = new Map([...start.tensors, ['x', moment!.x] as const, ['m', moment!.mask] as const, ...outcome.trace])
    const { config: fields } = encodeScenario(scenario) as { config: object }
    for (const rule of rulesOf(config, courseOf(config, start, moment!, train))) {
      const inputs = Object.fromEntries(Object.values(rule.reads).map((name) => [name, toHex(known.get(name)!)]))
      const answer = await request(reference, {
        op: 'equation',
        equation: rule.id,
        config: fields,
        t: start.t,
        key: start.key,
        inputs,
      })
      assert.ok('fields' in answer)
      assert.deepEqual(
        JSON.parse(JSON.stringify(answer.fields['value'])),
        JSON.parse(JSON.stringify(toHex(known.get(rule.id)!))),
        rule.id,
      )
    }
  }
})

test('a port that traces nothing is judged at `tol` as well, as far as errors add up and no further', async () => {
  const off = (by: number) =>
    localConnection((line) => {
      const answer = JSON.parse(serveLine(line)!) as { out?: { s: [number, number]; x: string }; trace: object }
      if (answer.out) {
        const value = readTensor('out', answer.out)
        answer.out = toHex({ ...value, data: Float32Array.from(value.data, (x) => x * (1 + by)) }) as unknown as {
          s: [number, number]
          x: string
        }
      }
      return JSON.stringify({ ...answer, trace: {} })
    })
  const smooth = { ...caps, activations: ['tanh'], outputs: ['softmax'] }
  for (let i = 0; i < 40; i++) {
    const drawn = randomScenario(keyOf(78), i, smooth)
    const one = { ...drawn, inputs: drawn.inputs.slice(0, 1) }
    assert.deepEqual((await putScenario(off(2 ** -23), one, { ...caps, trace: 'none' }, 'tol')).failures, [])
    assert.ok((await putScenario(off(1), one, { ...caps, trace: 'none' }, 'tol')).failures.length > 0)
  }
})

test('a port that traces a part, or nothing, is judged on what it says', async () => {
  const untraced = localConnection((line) => JSON.stringify({ ...JSON.parse(serveLine(line)!), trace: {} }))
  const wrong = localConnection((line) => {
    const answer = JSON.parse(serveLine(line)!) as { out?: { x: string }; trace: object }
    if (answer.out) answer.out.x = `${answer.out.x.slice(0, -1)}${answer.out.x.endsWith('0') ? '1' : '0'}`
    return JSON.stringify({ ...answer, trace: {} })
  })
  const one = scenarios.find(({ inputs }) => inputs.length === 1)!
  assert.deepEqual((await putScenario(untraced, one, { ...caps, trace: 'none' }, 'bit')).failures, [])
  const { failures } = await putScenario(wrong, one, { ...caps, trace: 'none' }, 'bit')
  assert.match(failures[0]!.what, /not localised/)
})

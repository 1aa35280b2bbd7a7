/** The trace of the reference: every equation under its name, once, and nothing changed by looking. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesOf } from '../../src/conform/equations/graph.js'
import { sameBits } from '../../src/conform/equations/rounding.js'
import { randomScenario } from '../../src/conform/draw.js'
import { localConnection, request } from '../../src/conform/port/connection.js'
import { decodeScenario, encodeScenario, readLine, readTensor, toHex } from '../../src/conform/port/wire.js'
import { CAPS, runScenario, serveLine } from '../../src/conform/reference.js'
import { nest, startOf } from '../../src/conform/scenario.js'
import { putScenario } from '../../src/conform/put.js'
import { applyUpdates, infer, keyOf, step, type Matrix } from '../../src/index.js'

const scenarios = Array.from({ length: 80 }, (_, i) => randomScenario(keyOf(77), i, CAPS))
const reference = localConnection(serveLine)

test('[pr-trace] A1-L6, O1-O4: the trace has exactly the names of the step, in the order of SPEC.md, each once', () => {
  for (const scenario of scenarios) {
    const [moment] = scenario.inputs
    const { steps } = runScenario({ ...scenario, inputs: [moment!] })
    const wanted = rulesOf(scenario.config, startOf(scenario, scenario.from, moment!).course).map(({ id }) => id)
    assert.deepEqual([...steps[0]!.trace.keys()].sort(), [...wanted].sort())
  }
})

test('[pr-trace] a step that is traced and one that is not give the same bits', () => {
  for (const scenario of scenarios) {
    const {
      config,
      inputs: [input],
    } = scenario
    const { state, model } = nest(config, startOf(scenario, scenario.from, input!).from)
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
    const read = decodeScenario(readLine(JSON.stringify({ ...encodeScenario(scenario), want: 'none' }))!)
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
    const { setting, course, given } = startOf(scenario, scenario.from, scenario.inputs[0]!)
    const [outcome] = runScenario({ ...scenario, inputs: scenario.inputs.slice(0, 1) }).steps
    const known = new Map([...given, ...outcome!.trace])
    const { config: fields } = encodeScenario(scenario) as { config: object }
    for (const rule of rulesOf(setting.config, course)) {
      const inputs = Object.fromEntries(Object.values(rule.reads).map((name) => [name, toHex(known.get(name)!)]))
      const answer = await request(reference, {
        op: 'equation',
        equation: rule.id,
        config: fields,
        t: setting.t,
        key: setting.key,
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

/** One column more, all of it 0. */
const wider = ({ rows, cols, data }: Matrix): Matrix => ({
  rows,
  cols: cols + 1,
  data: Float32Array.from({ length: rows * (cols + 1) }, (_, i) =>
    i % (cols + 1) === cols ? 0 : data[Math.floor(i / (cols + 1)) * cols + (i % (cols + 1))]!,
  ),
})

const taller = ({ rows, cols, data }: Matrix): Matrix => ({
  rows: rows + 1,
  cols,
  data: Float32Array.from({ length: (rows + 1) * cols }, (_, i) => data[i] ?? 0),
})

test('[pr-answers] an `equation` whose shapes do not fit, whichever of its tensors is too wide or too high, is invalid', async () => {
  for (const scenario of scenarios.slice(0, 12)) {
    const { setting, course, given } = startOf(scenario, scenario.from, scenario.inputs[0]!)
    const [outcome] = runScenario({ ...scenario, inputs: scenario.inputs.slice(0, 1) }).steps
    const known = new Map([...given, ...outcome!.trace])
    const { config: fields } = encodeScenario(scenario) as { config: object }
    // of a rule that reads one tensor, or that takes a mean by the mask, nothing can misfit
    const several = rulesOf(setting.config, course).filter(
      ({ kind, reads }) => kind !== 'mean' && new Set(Object.values(reads)).size > 1,
    )
    for (const { id, reads } of several)
      for (const other of new Set(Object.values(reads))) {
        const kinds: unknown[] = []
        for (const change of [wider, taller]) {
          const tensorOf = (name: string) => toHex(name === other ? change(known.get(name)!) : known.get(name)!)
          const inputs = Object.fromEntries(Object.values(reads).map((name) => [name, tensorOf(name)]))
          const answer = await request(reference, {
            op: 'equation',
            equation: id,
            config: fields,
            t: setting.t,
            key: setting.key,
            inputs,
          })
          kinds.push('fields' in answer && (answer.fields['ok'] === true ? 'answered' : answer.fields['kind']))
        }
        // one of its two sizes may be its own
        assert.ok(
          kinds.includes('invalid') && kinds.every((kind) => kind === 'invalid' || kind === 'answered'),
          `${id}, ${other}`,
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
  const smooth = { ...CAPS, activations: ['tanh'], outputs: ['softmax'] }
  for (let i = 0; i < 40; i++) {
    const drawn = randomScenario(keyOf(78), i, smooth)
    const one = { ...drawn, inputs: drawn.inputs.slice(0, 1) }
    assert.deepEqual((await putScenario(off(2 ** -23), one, { ...CAPS, trace: 'none' }, 'tol')).failures, [])
    assert.ok((await putScenario(off(1), one, { ...CAPS, trace: 'none' }, 'tol')).failures.length > 0)
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
  assert.deepEqual((await putScenario(untraced, one, { ...CAPS, trace: 'none' }, 'bit')).failures, [])
  const { failures } = await putScenario(wrong, one, { ...CAPS, trace: 'none' }, 'bit')
  assert.match(failures[0]!.what, /not localised/)
})

/** The exported graphs say what the step is, to the bit, as far as a graph's own arithmetic goes; Python is not needed. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loopModel } from '../../../src/export/onnx/loop.js'
import { startModel } from '../../../src/export/onnx/start.js'
import { stepModel, type Part } from '../../../src/export/onnx/step.js'
import { encodeModel, type Model } from '../../../src/io/onnx/model.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { keyOf } from '../../../src/numeric/random.js'
import { ACTIVATIONS } from '../../../src/numeric/activation.js'
import { applyUpdates, endSequence, initialModel, type Model as Network, type OptimizerState } from '../../../src/ptncn/apply.js'
import { config, profiles, type Config, type ProfileName } from '../../../src/ptncn/config.js'
import { score } from '../../../src/ptncn/scores.js'
import { initialState, type Input, type State } from '../../../src/ptncn/state.js'
import { infer, step } from '../../../src/ptncn/step.js'
import { mapWeights, weightLabel, type Weights } from '../../../src/ptncn/weights.js'
import { networks } from '../../support/arbitraries.js'
import { sameBits } from '../../support/bits.js'
import { holds } from '../../support/property.js'
import { clauseIds, readSpec } from '../../support/spec.js'
import { readModel } from './read-onnx.js'
import { run, type Values } from './run-onnx.js'

const PARTS: readonly Part[] = ['learn', 'infer', 'end']
const small = (fields: Partial<Config> = {}): Config => config({ units: [3, 4, 2], ...fields })
const read = (model: Model) => readModel(encodeModel(model))
const number = (value: number): Matrix => ({ rows: 1, cols: 1, data: [value] })

const weightValues = (prefix: string, weights: Weights): Values => {
  const values: Values = new Map()
  mapWeights((weight, name, l) => (values.set(`${prefix}${weightLabel(name, l)}`, weight), weight), weights)
  return values
}

const modelValues = ({ weights, optimizer }: Network): Values => {
  const groups = (['first', 'second', 'sum'] as const).filter((group) => optimizer[group])
  const moments = groups.flatMap((group) => [...weightValues(`${group}.`, optimizer[group]!)])
  const powers = [['power1', number(optimizer.power1)] as const, ['power2', number(optimizer.power2)] as const]
  return new Map([...weightValues('', weights), ...moments, ...powers])
}

const stateValues = ({ t, x, y, z, d }: State): Values => {
  const signals = Object.entries({ y, z, d }).flatMap(([name, all]) =>
    all.map((value, i) => [`state.${name}_${i + 1}`, value] as const),
  )
  return new Map([['t', number(t)], ['state.x', x], ...signals])
}

/** -0 where the graph has +0 is a difference too. */
const agree = (got: Values, wanted: Values, prefix = ''): void => {
  for (const [name, value] of wanted) {
    const found = got.get(prefix + name) as Matrix | undefined
    assert.ok(found, `${prefix}${name} is not there`)
    assert.ok(sameBits(found.data, (value as Matrix).data), `${prefix}${name}`)
  }
}

/** Of the step as SPEC.md has it, all that the graph has too. */
const expected = (of: Config, model: Network, state: State, { x, mask }: Input, learns: boolean) => {
  const seen: Values = new Map()
  const see = (name: string, value: Matrix): Matrix => (seen.set(name, value), value)
  const due = state.t >= of.learnFrom
  if (!learns || !due) {
    const { prediction, state: next } = infer(of, model.weights, state, { x, mask }, { see })
    return { seen, prediction, next, after: model, due }
  }
  const { updates, prediction, state: next } = step(of, model.weights, state, { x, mask }, { see })
  return { seen, prediction, next, after: applyUpdates(of, model, updates, mask, see), due }
}

const named = Object.keys(ACTIVATIONS) as (keyof typeof ACTIVATIONS)[]
const DOMAIN = { layers: [1, 3], widths: [1, 5], rows: [1, 3], steps: [2, 4], activations: named, numbers: ['plain'] } as const

test('[sq-learn] [sq-update] [pr-trace] the graph of a step gives the bits of the step: every result, and all that is carried', () => {
  holds(networks(DOMAIN), 40, ({ config: of, weights, state, inputs, seed }) => {
    const learns = seed % 4 > 0
    const graph = read(stepModel(of, { part: learns ? 'learn' : 'infer', traced: true }))
    let [model, at]: [Network, State] = [{ ...initialModel(of, keyOf(seed)), weights }, state]
    for (const input of inputs) {
      const sum = of.update === 'sequence' && !model.optimizer.sum ? { sum: zero(weights) } : {}
      const feeds: Values = new Map([...stateValues(at), ...modelValues({ ...model, optimizer: { ...model.optimizer, ...sum } })])
      const got = run(graph, feeds.set('x', input.x).set('m', input.mask))
      const { seen, prediction, next, after, due } = expected(of, model, at, input, learns)
      agree(got, seen)
      agree(got, new Map([['p', prediction], ...prefixed(stateValues(next))]))
      if (learns && (due || of.update === 'step')) agree(got, modelValues(after), 'next.')
      const scored = score(of.output, prediction, input)
      if (due) agree(got, new Map(Object.entries(scored).map(([name, value]) => [name, number(value)])))
      ;[model, at] = [after, next]
    }
    if (learns && model.optimizer.sum) {
      const end = run(read(stepModel(of, { part: 'end' })), modelValues(model))
      agree(end, modelValues(endSequence(of, model)), 'next.')
    }
  })
})

/** What a sum begins as: adding to it changes no bit. */
const zero = (weights: Weights): Weights =>
  mapWeights(({ rows, cols }) => ({ rows, cols, data: new Float32Array(rows * cols).fill(-0) }), weights)
const prefixed = (values: Values): readonly (readonly [string, Matrix])[] =>
  [...values].map(([name, value]) => [`next.${name}`, value as Matrix])

test('[sq-start] the graph of a sequence gives the bits of its steps, from what --start begins with', () => {
  for (const part of ['learn', 'infer'] as const) {
    const of = small({ optimizer: 'adam', biases: true })
    const [begin, one, loop] = [startModel(of, initialModel(of, keyOf(3))), stepModel(of, { part }), loopModel(of, { part })].map(
      read,
    )
    const mask = { rows: 2, cols: 1, data: [1, 1] }
    const first = run(begin!, new Map([['m', mask]]))
    assert.deepEqual(
      [...first.keys()].sort(),
      stepModel(of, { part: 'learn' })
        .inputs.map(({ name }) => name)
        .filter((name) => !['x', 'm'].includes(name))
        .sort(),
    )
    agree(first, new Map([...stateValues(initialState(of, 2)), ...modelValues(initialModel(of, keyOf(3)))]))
    const xs = [0, 1, 2, 1].map((hot) => ({ rows: 2, cols: 3, data: [0, 1, 2, 0, 1, 2].map((j) => Number(j === hot)) }))
    let carried = first
    const predictions = xs.map((x) => {
      const out = run(one!, new Map([...carried]).set('x', x).set('m', mask))
      carried = new Map([
        ...carried,
        ...[...out].filter(([name]) => name.startsWith('next.')).map(([name, value]) => [name.slice(5), value] as const),
      ])
      return out.get('p') as Matrix
    })
    const whole = run(
      loop!,
      new Map([...first]).set('x', xs).set(
        'm',
        xs.map(() => mask),
      ),
    )
    ;(whole.get('p') as Matrix[]).forEach((p, t) => assert.ok(sameBits(p.data, predictions[t]!.data)))
    agree(
      new Map([...whole].filter(([name]) => name.startsWith('next.'))),
      new Map(one!.outputs.filter(({ name }) => name.startsWith('next.')).map(({ name }) => [name, carried.get(name.slice(5))!])),
    )
  }
})

test('what is written is read back, and is the same bytes each time', () => {
  const of = small({ update: 'sequence', biases: true, optimizer: 'adam' })
  const { weights } = initialModel(of, keyOf(1))
  const models = [
    ...PARTS.map((part) => () => stepModel(of, { part, traced: true })),
    () => stepModel(of, { part: 'infer', weights }),
    () => loopModel(of, { part: 'learn' }),
    () => startModel(of, initialModel(of, keyOf(1))),
  ]
  for (const make of models) {
    const { ir, opset, ...rest } = read(make())
    assert.deepEqual([ir, opset], [8, 17])
    assert.deepEqual(
      JSON.parse(JSON.stringify(rest)),
      JSON.parse(JSON.stringify(make(), (_key, value) => (ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value))),
    )
    assert.deepEqual(encodeModel(make()), encodeModel(make()))
    assert.deepEqual(JSON.parse(rest.metadata['config']!).units, [3, 4, 2])
  }
})

const clauses = clauseIds(readSpec())

test('every operator stands under a clause of SPEC.md, and has a name and results of its own', () => {
  for (const profile of Object.keys(profiles) as ProfileName[]) {
    for (const part of PARTS) {
      const of = config(
        { units: [3, 4, 5, 2], ...(part === 'end' && { update: 'sequence' }), weightDecay: 0.1, maxNorm: 1, passes: 2 },
        profile,
      )
      for (const model of part === 'end'
        ? [stepModel(of, { part })]
        : [stepModel(of, { part }), loopModel(of, { part }), startModel(of, initialModel(of, keyOf(1)))]) {
        const graphs = [model, ...model.nodes.flatMap(({ attributes: { body } }) => (body ? [body as typeof model] : []))]
        const nodes = graphs.flatMap((graph) => graph.nodes)
        for (const { name } of nodes) assert.ok(clauses.includes(name.split('.')[0]!), name)
        const [names, results] = [
          nodes.map(({ name }) => name),
          graphs.flatMap(({ nodes, inputs, constants }) => [
            ...nodes.flatMap(({ outputs }) => outputs),
            ...inputs.map(({ name }) => name),
            ...constants.map(({ name }) => name),
          ]),
        ]
        assert.equal(new Set(names).size, names.length)
        assert.equal(new Set(results).size, results.length)
      }
    }
  }
})

test('what a graph cannot say is refused in one line', () => {
  const refused = (message: RegExp, attempt: () => unknown): void => void assert.throws(attempt, { name: 'ConfigError', message })
  refused(/^"activation" expected for ONNX one of tanh, .*, got "stochastic"; its random numbers/, () =>
    stepModel(small({ activation: 'stochastic' }), { part: 'learn' }),
  )
  refused(/^"activation" expected for ONNX .*; a function cannot be written/, () =>
    loopModel(small({ activation: (a) => a }), { part: 'infer' }),
  )
  refused(/^"passes" expected at most 4096 layers times passes/, () => stepModel(small({ passes: 3000 }), { part: 'learn' }))
  refused(/^"update" expected sequence/, () => stepModel(small(), { part: 'end' }))
  refused(/^"part" expected a step to repeat/, () => loopModel(small({ update: 'sequence' }), { part: 'end' }))
  const open = initialModel(small({ update: 'sequence' }), keyOf(1))
  const optimizer: OptimizerState = { ...open.optimizer, sum: open.weights }
  refused(/^"sum" expected no open sequence/, () => startModel(small({ update: 'sequence' }), { ...open, optimizer }))
})

/**
 * A failing scenario made smaller: steps, batch, layers, dimensions, options, activation, values, in that order. A
 * smaller one counts only if the same equation fails in the same way.
 */

import type { Matrix } from '../numeric/matrix.js'
import { config, LATER_FIELDS, released, type Config } from '../ptncn/config.js'
import { momentsOf } from '../ptncn/optimizers.js'
import { weightLabel, weightShapes } from '../ptncn/weights.js'
import type { Moment, Scenario } from './scenario.js'
import type { Failure } from './put.js'

/** At most so many rows, and so many columns. */
const cut = ({ rows: height, ...a }: Matrix, most: number, cols: number): Matrix => ({
  rows: Math.min(most, height),
  cols,
  data: Float32Array.from(
    { length: Math.min(most, height) * cols },
    (_, i) => a.data[Math.floor(i / cols) * a.cols + (i % cols)]!,
  ),
})

/** The scenario with other units and at most so many rows: every tensor cut to fit. */
const resized = (scenario: Scenario, units: readonly number[], rows: number): Scenario => {
  const settings = config({ ...scenario.config, units })
  const { tensors } = scenario.from
  const kept = new Map<string, Matrix>()
  const keep = (name: string, height: number, width: number): void => {
    const found = tensors.get(name)
    if (found) kept.set(name, cut(found, height, width))
  }
  keep('x[t-1]', rows, units[0]!)
  for (let l = 1; l < units.length; l++) {
    for (const name of ['y', 'z', 'd']) keep(`${name}_${l}[t-1]`, rows, units[l]!)
    for (const [name, height, width] of weightShapes(settings, l)) {
      for (const prefix of ['', ...momentsOf(settings).map((moment) => `${moment}.`), 'sum.'])
        keep(prefix + weightLabel(name, l), height, width)
    }
  }
  for (const power of ['power1', 'power2']) keep(power, 1, 1)
  const inputs = scenario.inputs.map((input): Moment => ({
    ...input,
    x: cut(input.x, rows, units[0]!),
    mask: cut(input.mask, rows, 1),
  }))
  return { ...scenario, config: settings, from: { ...scenario.from, tensors: kept }, inputs }
}

const without = <Item>(list: readonly Item[], i: number): readonly Item[] => list.filter((_, at) => at !== i)

const fewerSteps = (s: Scenario): readonly Scenario[] =>
  s.inputs.length === 1
    ? []
    : [
        { ...s, inputs: [s.inputs.at(-1)!] },
        { ...s, inputs: [s.inputs[0]!] },
        ...s.inputs.map((_, i) => ({ ...s, inputs: without(s.inputs, i) })),
      ]

const rowsOf = (s: Scenario): number => Math.max(s.from.tensors.get('x[t-1]')!.rows, ...s.inputs.map(({ x }) => x.rows))

const fewerRows = (s: Scenario): readonly Scenario[] =>
  [1, Math.ceil(rowsOf(s) / 2), rowsOf(s) - 1]
    .filter((rows) => rows >= 1 && rows < rowsOf(s))
    .map((rows) => resized(s, s.config.units, rows))

const fewerLayers = (s: Scenario): readonly Scenario[] => {
  const { units } = s.config
  return units.length === 2 ? [] : [resized(s, units.slice(0, 2), rowsOf(s)), resized(s, units.slice(0, -1), rowsOf(s))]
}

const fewerUnits = (s: Scenario): readonly Scenario[] =>
  s.config.units.flatMap((n, i) =>
    [1, Math.ceil(n / 2), n - 1]
      .filter((m) => m >= 1 && m < n)
      .map((m) =>
        resized(
          s,
          s.config.units.map((unit, at) => (at === i ? m : unit)),
          rowsOf(s),
        ),
      ),
  )

/** Options that change no tensor's shape and leave none over. */
const OPTIONS: readonly (keyof Config)[] = [
  'hiddenPrediction',
  'topDownSignal',
  'errorRule',
  'gamma',
  'presynaptic',
  'beta',
  'alpha',
  'lambda',
  'passes',
  'clip',
  'clipOrder',
  'mean',
  'maxNorm',
  'learnFrom',
  ...LATER_FIELDS,
]

const plainer = (s: Scenario): readonly Scenario[] => [
  ...OPTIONS.filter((field) => s.config[field] !== config({ ...released, units: s.config.units })[field]).map((field) => ({
    ...s,
    config: config({ ...s.config, [field]: released[field as 'beta'] }),
  })),
  ...s.inputs.flatMap(({ begin, end, ...input }, i) =>
    begin || end ? [{ ...s, inputs: s.inputs.map((old, at) => (at === i ? input : old)) }] : [],
  ),
]

const linear = (s: Scenario): readonly Scenario[] =>
  s.config.activation === 'identity' ? [] : [{ ...s, config: config({ ...s.config, activation: 'identity' }) }]

const mapTensor = (s: Scenario, name: string, f: (a: Matrix) => Matrix): Scenario => {
  const tensors = new Map([...s.from.tensors].map(([label, a]) => [label, label === name ? f(a) : a]))
  return { ...s, from: { ...s.from, tensors } }
}

const simpleValues = (s: Scenario): readonly Scenario[] =>
  [...s.from.tensors]
    .filter(([name]) => !name.startsWith('power'))
    .flatMap(([name, a]) => {
      const half = (x: number): number => Math.round(x * 2) / 2
      const zero = a.data.length > 0 && Array.from(a.data).some((x) => !Object.is(x, 0))
      const round = Array.from(a.data).some((x) => half(x) !== x)
      const mapped = (f: (x: number) => number): Scenario =>
        mapTensor(s, name, (b) => ({ ...b, data: Float32Array.from(b.data, f) }))
      return [...(zero ? [mapped(() => 0)] : []), ...(round ? [mapped(half)] : [])]
    })

const STAGES = [fewerSteps, fewerRows, fewerLayers, fewerUnits, plainer, linear, simpleValues]

/** What stops a search. */
const [MOST_REQUESTS, MOST_MS] = [400, 20_000]

interface Failing {
  readonly scenario: Scenario
  readonly failure: Failure
}

/** The smallest scenario found whose first failure is like `first`; `put` gives a scenario's first failure. */
export const shrink = async (
  scenario: Scenario,
  first: Failure,
  put: (scenario: Scenario) => Promise<Failure | undefined>,
  now: () => number,
): Promise<Failing> => {
  const until = now() + MOST_MS
  let [best, requests]: [Failing, number] = [{ scenario, failure: first }, 0]
  for (const stage of STAGES) {
    let found = true
    while (found) {
      found = false
      for (const candidate of stage(best.scenario)) {
        if (requests >= MOST_REQUESTS || now() > until) return best
        requests++
        const failure = await put(candidate)
        if (failure?.kind !== first.kind || failure.equation !== first.equation) continue
        ;[best, found] = [{ scenario: candidate, failure }, true]
        break
      }
    }
  }
  return best
}

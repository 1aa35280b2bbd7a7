/** The update of each rival beside the gradient of its loss, for angles.ts. */

import type { Sequence } from '../../src/engine/engine.js'
import type { Task } from '../../src/data/task.js'
import { keyOf, split } from '../../src/numeric/random.js'
import {
  binary64,
  bptt,
  lstm,
  rflo,
  RFLO_DEFAULTS,
  RIVAL_DEFAULTS,
  rtrl,
  rtu,
  sab,
  SAB_DEFAULTS,
  snap1,
  tbptt,
  tpc,
  TPC_DEFAULTS,
  uoro,
  type Rival,
  type RivalConfig,
  type RivalModel,
  type Tensors,
} from '../../src/rivals.js'

/** A rival, and how many steps of a sequence go before each of its updates. */
interface Kind {
  readonly make: (config: RivalConfig) => Rival
  readonly steps: number
}

const CHUNK = 5

export const RIVALS: Readonly<Record<string, Kind>> = {
  BPTT: { make: (config) => bptt(binary64, config), steps: Infinity },
  RTRL: { make: (config) => rtrl(binary64, config), steps: 1 },
  [`BPTT in chunks of ${CHUNK}`]: { make: (config) => tbptt(binary64, config, CHUNK), steps: CHUNK },
  'SnAp-1': { make: (config) => snap1(binary64, config), steps: 1 },
  'e-prop (leak 0.5)': { make: (config) => rflo(binary64, config, { ...RFLO_DEFAULTS, feedback: 'symmetric' }), steps: 1 },
  'RFLO (leak 0.5)': { make: (config) => rflo(binary64, config, RFLO_DEFAULTS), steps: 1 },
  UORO: { make: (config) => uoro(binary64, config), steps: 1 },
  RTU: { make: (config) => rtu(binary64, config), steps: 1 },
  'temporal predictive coding': { make: (config) => tpc(binary64, config, TPC_DEFAULTS), steps: 1 },
  LSTM: { make: (config) => lstm(binary64, config), steps: Infinity },
  SAB: { make: (config) => sab(binary64, config, SAB_DEFAULTS), steps: Infinity },
}

export const round = (value: number): number => Number(value.toFixed(3))

/** 0 where one of the two is. */
export const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  const norms = Math.sqrt(dot(a, a) * dot(b, b))
  return norms === 0 ? 0 : dot(a, b) / norms
}

/** Of Adam's first moment. */
const BETA = 0.9
const STEP = 1e-4

/** Weights that are read from the units, not into them: of all rivals. */
const READOUT = ['V', 'c']
const namesInto = ({ weights }: RivalModel): readonly string[] => Object.keys(weights).filter((name) => !READOUT.includes(name))

/**
 * The sum of the gradients that a rival takes over a sequence, its weights held by a rate of 0: of each update what Adam's
 * first moment has gained.
 */
const updateOf = async ({ make, steps }: Kind, config: RivalConfig, from: RivalModel, sequence: Sequence): Promise<number[]> => {
  const held = make({ ...config, rate: 0 })
  const names = namesInto(from)
  const valuesOf = (tensors: Tensors): number[] =>
    names.flatMap((name) => Array.from(tensors[name]?.data ?? new Float64Array(from.weights[name]!.data.length)))
  let model = from
  let sum = valuesOf(from.weights).map(() => 0)
  const { inputs, key } = sequence
  for (let t = 0; t < inputs.length; t += steps) {
    const before = valuesOf(model.optimizer.first)
    const piece = inputs.slice(t, t + steps)
    const ends = t + steps >= inputs.length
    const { snapshot } = await held.train(model, [
      { inputs: piece, ...(t === 0 ? key && { key } : { continues: true }), ...(!ends && { open: true }) },
    ])
    const moved = snapshot.optimizer.power1 !== model.optimizer.power1
    const after = valuesOf(snapshot.optimizer.first)
    if (moved) sum = sum.map((all, i) => all + (after[i]! - BETA * before[i]!) / (1 - BETA))
    model = snapshot
  }
  await held.dispose()
  return sum
}

const gradientOf = async ({ make }: Kind, config: RivalConfig, from: RivalModel, sequence: Sequence): Promise<number[]> => {
  const rival = make(config)
  const lossWith = async (name: string, i: number, by: number): Promise<number> => {
    const { rows, cols, data } = from.weights[name]!
    const moved = Float64Array.from(data, (value, j) => (j === i ? value + by : value))
    const weights = { ...from.weights, [name]: { rows, cols, data: moved } }
    return (await rival.evaluate({ ...from, weights }, [sequence])).measurements[0]!.loss
  }
  const gradient: number[] = []
  for (const name of namesInto(from))
    for (let i = 0; i < from.weights[name]!.data.length; i++)
      gradient.push(((await lossWith(name, i, STEP)) - (await lossWith(name, i, -STEP))) / (2 * STEP))
  await rival.dispose()
  return gradient
}

/** The angle of all weights into the units, before and after training. */
export const rivalAngles = async (
  kind: Kind,
  { inputs, output }: Task,
  units: number,
  sequence: Sequence,
  trainings: readonly Sequence[],
): Promise<Readonly<Record<'untrained' | 'trained', number>>> => {
  const config: RivalConfig = { ...RIVAL_DEFAULTS, inputs, output, units, rate: 0.003 }
  const rival = kind.make(config)
  const untrained = rival.initial(split(keyOf(1), 0))
  const { snapshot: trained } = await rival.train(untrained, trainings)
  await rival.dispose()
  const angle = async (model: RivalModel): Promise<number> =>
    round(cosine(await gradientOf(kind, config, model, sequence), await updateOf(kind, config, model, sequence)))
  return { untrained: await angle(untrained), trained: await angle({ ...untrained, weights: trained.weights }) }
}

/** The one extractor of SPEC.md's clauses and examples, and the evaluation of those examples. */

import { readFileSync } from 'node:fs'
import {
  absorb, ACTIVATIONS, below, config, endSequence, exp, frobeniusNorm, infer, initialOptimizer, initialState, log, mapWeights,
  philox, rowSums, score, sigmoid, softmax, split, step, tanh,
  type Config, type Matrix, type Model, type Signals, type Step, type Weights,
} from '../../src/index.js'
import { normalOf, unitInterval } from '../../src/numeric/random.js'
import { buildWeights } from '../../src/ptncn/weights.js'
import { fromBits, fromHex, hexToWord, toBits, toHex, wordToHex, type HexTensor } from './bits.js'

export const SPEC = new URL('../../SPEC.md', import.meta.url)
export const readSpec = (): string => readFileSync(SPEC, 'utf8')

/** The identifiers at the beginning of a clause. */
export const clauseIds = (spec: string): readonly string[] => [...spec.matchAll(/^\[([A-Za-z0-9-]+)\] /gm)].map(([, id]) => id!)

/** The bodies of the fenced blocks of a kind. */
export const blocks = (spec: string, kind: string): readonly string[] =>
  [...spec.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)\`\`\`$`, 'gms'))].map(([, body]) => body!)

const row = (values: readonly number[]): Matrix => ({ rows: 1, cols: values.length, data: values })

/** What each function of a `bits` block does to numbers ... */
const ON_NUMBERS: Readonly<Record<string, (values: readonly number[]) => readonly number[]>> = {
  exp: ([x]) => [exp(x!)],
  log: ([x]) => [log(x!)],
  tanh: ([x]) => [tanh(x!)],
  sigmoid: ([x]) => [sigmoid(x!)],
  softmax: (values) => Array.from(softmax(row(values)).data),
  laneSum: (values) => [rowSums(row(values)).data[0]!],
  norm: (values) => [frobeniusNorm(row(values))],
  ltanh: ([x]) => [ACTIVATIONS.ltanh(x!)],
  relu: ([x]) => [ACTIVATIONS.relu(x!)],
  relu6: ([x]) => [ACTIVATIONS.relu6(x!)],
  sign: ([x]) => [ACTIVATIONS.sign(x!)],
  step: ([x]) => [ACTIVATIONS.step(x!)],
}

/** ... and to words. `below n w` is the whole number below n of the first word of the key that begins with w. */
const ON_WORDS: Readonly<Record<string, (words: readonly number[]) => readonly string[]>> = {
  philox: ([a, b, c, d, k0, k1]) => philox([a!, b!, c!, d!], [k0!, k1!]).map(wordToHex),
  split: ([k0, k1, i]) => split([k0!, k1!], i!).map(wordToHex),
  unit: ([word]) => [toBits(unitInterval(word!))],
  below: ([n, k0, k1, i]) => [wordToHex(below(n!, [k0!, k1!], i!))],
  normal: ([word]) => [toBits(normalOf(word!))],
}

/** The result of one line of a `bits` block, computed. */
export const evaluateLine = (line: string): string => {
  const [name, ...args] = line.split(' = ')[0]!.split(' ')
  const words = ON_WORDS[name!]
  if (words) return words(args.map(hexToWord)).join(' ')
  const numbers = ON_NUMBERS[name!]
  if (!numbers) throw new Error(`no function ${name} for the line ${line}`)
  return numbers(args.map(fromBits)).map(toBits).join(' ')
}

type Tensors = Readonly<Record<string, HexTensor>>

/** The worked example: what is given, and what has to come out. */
export interface StepExample {
  readonly config: Partial<Config> & Pick<Config, 'units'>
  readonly weights: Tensors
  readonly inputs: readonly { readonly x: HexTensor; readonly mask: HexTensor }[]
  readonly steps: readonly Tensors[]
  readonly after: Tensors
}

/** The name of a weight or update in the examples: c has the number of the level that it is added to. */
const label = (name: string, l: number): string => `${name}_${name === 'c' ? l - 1 : l}`

const named = (prefix: string, weights: Weights): Record<string, HexTensor> => {
  const tensors: Record<string, HexTensor> = {}
  mapWeights((weight, name, l) => {
    tensors[prefix + label(name, l)] = toHex(weight)
    return weight
  }, weights)
  return tensors
}

const SIGNAL_LEVEL = { a: 1, z: 1, logits: 0, p: 0, e: 0, y: 1, d: 1 } as const

const signalTensors = (signals: Signals): Record<string, HexTensor> =>
  Object.fromEntries(
    Object.entries(SIGNAL_LEVEL).flatMap(([name, lowest]) =>
      signals[name as keyof Signals].map((value, i) => [`${name}_${i + lowest}`, toHex(value)]),
    ),
  )

/** The steps and the end of a worked example, computed. */
export const runExample = (example: Omit<StepExample, 'steps' | 'after'>): Pick<StepExample, 'steps' | 'after'> => {
  const settings = config(example.config)
  const weights = buildWeights(settings, (l, name) => fromHex(example.weights[label(name, l)]!))
  let model: Model = { weights, optimizer: initialOptimizer(settings) }
  let state = initialState(settings, example.inputs[0]!.x.s[0])
  const steps = example.inputs.map(({ x, mask }) => {
    const input = { x: fromHex(x), mask: fromHex(mask) }
    const learning = state.t >= settings.learnFrom
    const result: ReturnType<typeof infer> & Partial<Step> = (learning ? step : infer)(settings, model.weights, state, input)
    state = result.state
    if (result.updates) model = absorb(settings, model, result.updates, input.mask)
    const { loss } = score(settings.output, result.prediction, input)
    return {
      ...signalTensors(result.signals),
      ...(result.updates && { ...named('d', result.updates), loss: toHex(row([loss])) }),
    }
  })
  const { weights: last, optimizer } = endSequence(settings, model)
  return { steps, after: { ...named('', last), ...named('first.', optimizer.first ?? []), ...named('second.', optimizer.second ?? []) } }
}

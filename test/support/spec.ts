/** The one extractor of SPEC.md's clauses and examples, and the evaluation of those examples. */

import { readFileSync } from 'node:fs'
import { ACTIVATIONS } from '../../src/numeric/activation.js'
import { exp, log, sigmoid, softmax, tanh } from '../../src/numeric/elementary.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import { below, keyOf, philox, split, type Key } from '../../src/numeric/random.js'
import { frobeniusNorm, rowSums } from '../../src/numeric/sum.js'
import { applyUpdates, endSequence, initialOptimizer, type Model } from '../../src/ptncn/apply.js'
import { config, type Config, type ProfileName } from '../../src/ptncn/config.js'
import { score } from '../../src/ptncn/scores.js'
import { initialState } from '../../src/ptncn/state.js'
import { infer, step, type Inference, type Step } from '../../src/ptncn/step.js'
import { initialWeights, mapWeights, type Weights } from '../../src/ptncn/weights.js'
import { normalOf, unitInterval } from '../../src/numeric/random.js'
import { fromBits, fromHex, hexToWord, toBits, toHex, wordToHex, type HexTensor } from './bits.js'

export const SPEC = new URL('../../SPEC.md', import.meta.url)
export const readSpec = (): string => readFileSync(SPEC, 'utf8')

/** The identifiers of the clauses: a paragraph that begins with one, in brackets and bold, is a clause. */
export const clauseIds = (spec: string): readonly string[] =>
  [...spec.matchAll(/(?<=\n\n)\*\*\[([A-Za-z0-9-]+)\]\*\*/g)].map(([, id]) => id!)

/** The bodies of the fenced blocks of a kind. */
export const blocks = (spec: string, kind: string): readonly string[] =>
  [...spec.matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)\`\`\`$`, 'gms'))].map(([, body]) => body!)

const row = (values: readonly number[]): Matrix => ({ rows: 1, cols: values.length, data: values })

const UNARY: Readonly<Record<string, (x: number) => number>> = { ...ACTIVATIONS, exp, log, tanh, sigmoid }

/** What the functions of a `bits` block do to a row of numbers ... */
const ON_ROWS: Readonly<Record<string, (values: readonly number[]) => readonly number[]>> = {
  softmax: (values) => Array.from(softmax(row(values)).data),
  laneSum: (values) => [rowSums(row(values)).data[0]!],
}

const wide = (low: number, high: number): number => high * 2 ** 32 + low

/** ... and to words. */
const ON_WORDS: Readonly<Record<string, (words: readonly number[]) => readonly string[]>> = {
  norm: ([rows, cols, ...bits]) => [
    toBits(frobeniusNorm({ rows: rows!, cols: cols!, data: bits.map((word) => fromBits(wordToHex(word))) })),
  ],
  philox: ([a, b, c, d, k0, k1]) => philox([a!, b!, c!, d!], [k0!, k1!]).map(wordToHex),
  split: ([k0, k1, low, high]) => split([k0!, k1!], wide(low!, high!)).map(wordToHex),
  unit: ([word]) => [toBits(unitInterval(word!))],
  below: ([n, k0, k1, low, high]) => [wordToHex(below(n!, [k0!, k1!], wide(low!, high!)))],
  normal: ([word]) => [toBits(normalOf(word!))],
}

/** The sum, modulo 2^32, of the bits of f over 65,536 arguments from everywhere. */
const digest = (name: string): string => {
  const words = Uint32Array.from({ length: 65536 }, (_, i) => 65537 * i)
  const results = Float32Array.from(name === 'normal' ? Array.from(words, normalOf) : new Float32Array(words.buffer), (value) =>
    name === 'normal' ? value : UNARY[name]!(value),
  )
  const bits = new Uint32Array(results.buffer)
  return wordToHex(bits.reduce((sum, word, i) => (Number.isNaN(results[i]) ? sum : (sum + word) >>> 0), 0))
}

/** The result of one line of a `bits` block, computed. */
export const evaluateLine = (line: string): string => {
  const [name, ...args] = line.split(' = ')[0]!.split(' ') as [string, ...string[]]
  if (name === 'digest') return digest(args[0]!)
  if (ON_WORDS[name]) return ON_WORDS[name](args.map(hexToWord)).join(' ')
  if (UNARY[name]) return toBits(UNARY[name](fromBits(args[0]!)))
  if (!ON_ROWS[name]) throw new Error(`no function ${name} for the line ${line}`)
  return ON_ROWS[name](args.map(fromBits)).map(toBits).join(' ')
}

type Tensors = Readonly<Record<string, HexTensor>>

/** A worked example: what is given, and what has to come out. */
export interface StepExample {
  /** of an example that is a file */
  readonly licence?: string
  readonly config: Partial<Config> & Pick<Config, 'units'>
  readonly profile: ProfileName
  readonly seed: number
  /** the initial weights of the seed, where they are listed */
  readonly weights?: Tensors
  readonly sequences: readonly {
    readonly key: Key
    readonly inputs: readonly { readonly x: HexTensor; readonly mask: HexTensor }[]
    /** the loss of each scored step, and its signals and updates where they are listed */
    readonly steps: readonly Tensors[]
  }[]
  readonly after: Tensors
}

/** The files of the worked examples that are not in the text, from the root: those that it names by a link. */
export const exampleFiles = (spec: string): readonly string[] =>
  [...spec.matchAll(/\]\((test\/examples\/[\w-]+\.json)\)/g)].map(([, path]) => path!)

/** The worked examples: the one in the text, then those in files. */
export const examples = (spec: string): readonly StepExample[] =>
  [...blocks(spec, 'json step'), ...exampleFiles(spec).map((path) => readFileSync(new URL(path, SPEC), 'utf8'))].map(
    (text) => JSON.parse(text) as StepExample,
  )

/** The name of a weight or update in the examples: c has the number of the level that it is added to. */
const label = (name: string, l: number): string => `${name}_${name === 'c' ? l - 1 : l}`

export const namedWeights = (prefix: string, weights: Weights): Record<string, HexTensor> => {
  const tensors: Record<string, HexTensor> = {}
  mapWeights((weight, name, l) => {
    tensors[prefix + label(name, l)] = toHex(weight)
    return weight
  }, weights)
  return tensors
}

/** The name in an example of a result of section 5, of pass 1, and y of the last; undefined for all else. */
const exampleName = (name: string, passes: number): string | undefined => {
  const [, symbol, level, pass] = /^\w+\.(\w+)_(\d+)(?:\^(\d+))?$/.exec(name) ?? []
  if (name.startsWith('C3.z') && Number(pass) === passes) return `y_${level}`
  const listed = ['a', 'z', 'logits', 'p', 'e', 'd'].includes(symbol!) && !name.startsWith('C3') && (pass ?? '1') === '1'
  return listed ? `${symbol}_${level}` : undefined
}

const scalar = (value: number): HexTensor => toHex(row([value]))

/** A worked example, computed; signals and updates are listed where the initial weights are. */
export const runExample = (example: StepExample): StepExample => {
  const settings = config(example.config, example.profile)
  const detailed = example.weights !== undefined
  const initial = initialWeights(settings, keyOf(example.seed))
  let model: Model = { weights: initial, optimizer: initialOptimizer(settings) }
  const sequences = example.sequences.map(({ key, inputs }) => {
    let state = initialState(settings, inputs[0]!.x.s[0], key)
    const steps = inputs.map(({ x, mask }) => {
      const input = { x: fromHex(x), mask: fromHex(mask) }
      const learning = state.t >= settings.learnFrom
      const signals: Record<string, HexTensor> = {}
      const see = (name: string, value: Matrix): Matrix => {
        const listed = exampleName(name, settings.passes)
        if (listed !== undefined) signals[listed] = toHex(value)
        return value
      }
      const result: Inference & Partial<Step> = (learning ? step : infer)(settings, model.weights, state, input, { see })
      state = result.state
      if (result.updates) model = applyUpdates(settings, model, result.updates, input.mask)
      return {
        ...(detailed && signals),
        ...(detailed && result.updates && namedWeights('d', result.updates)),
        ...(learning && { loss: scalar(score(settings.output, result.prediction, input).loss) }),
      }
    })
    model = endSequence(settings, model)
    return { key, inputs, steps }
  })
  const { weights, optimizer } = model
  const after = {
    ...namedWeights('', weights),
    ...namedWeights('first.', optimizer.first ?? []),
    ...namedWeights('second.', optimizer.second ?? []),
    power1: scalar(optimizer.power1),
    power2: scalar(optimizer.power2),
  }
  return { ...example, ...(detailed && { weights: namedWeights('', initial) }), sequences, after }
}

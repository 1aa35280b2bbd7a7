/** The answer of a part beside the reference's. [pr-parts] */

import { PtncnError } from '../../errors.js'
import { decodeCheckpoint, encodeCheckpoint } from '../../io/checkpoint.js'
import { decodeTensors } from '../../io/safetensors.js'
import { asRecord, type Json } from '../../io/json.js'
import type { Matrix } from '../../numeric/matrix.js'
import { compareCopy, finding, type Finding } from '../compare.js'
import { size, UNIT, type Level } from '../equations/rounding.js'
import { readTensor, type Fields, type Part } from '../port/wire.js'
import { bytesOf } from './answer.js'
import { FUNCTIONS } from './functions.js'

/** Units of 2^-24 of its size that a function's value may be away at the level `tol`. */
const ALLOWED = 16

const spreadOfValues = ({ data }: Matrix, units: number): Float64Array => Float64Array.from(data, (x) => units * UNIT * size(x))

/** A softmax also feels the rounding of the differences to the largest of its row. */
const softmaxUnits = ({ cols, data }: Matrix): number => {
  const finite = Array.from(data).filter(Number.isFinite)
  return ALLOWED + cols + 2 * (Math.max(...finite, 0) - Math.min(...finite, 0))
}

const tensorsIn = (fields: Json | undefined): ReadonlyMap<string, Matrix> =>
  new Map(Object.entries(asRecord(fields) ?? {}).map(([name, value]) => [name, readTensor(name, value)]))

const judgeWeights = (expected: Fields, got: Fields, level: Level): Finding | undefined => {
  const [wanted, found] = [tensorsIn(expected['weights']), tensorsIn(got['weights'])]
  const extra = [...found.keys()].find((name) => !wanted.has(name))
  if (extra !== undefined) return finding('shape', 'wt-shapes', extra, 'no such weight in this configuration')
  for (const [name, value] of wanted) {
    const one = compareCopy('wt-init', name, value, found.get(name), level, spreadOfValues(value, ALLOWED))
    if (one) return one.kind === 'shape' ? { ...one, equation: 'wt-shapes' } : one
  }
  return undefined
}

const judgeFunction = (asked: Fields, expected: Fields, got: Fields, level: Level): Finding | undefined => {
  const name = String(asked['name'])
  const { clause, exact } = FUNCTIONS[name]!
  if (expected['words'] !== undefined) {
    const [wanted, found] = [expected['words'], got['words']].map((words) => JSON.stringify(words ?? null))
    return wanted === found
      ? undefined
      : finding('wrong', clause, name, `expected the words ${wanted}, got ${found!.slice(0, 200)}`)
  }
  const value = readTensor('value', expected['value'])
  if (got['value'] === undefined) return finding('shape', clause, name, 'expected "value", a tensor, got none')
  const units = name === 'softmax' ? softmaxUnits(readTensor('x', asked['x'])) : ALLOWED
  const spread = exact ? undefined : spreadOfValues(value, units)
  return compareCopy(clause, name, value, readTensor('value', got['value']), level, spread)
}

/** A file as it would be written here, without what says nothing of the network. */
const plain = (bytes: Uint8Array): ReturnType<typeof decodeTensors> => {
  const { config, snapshot } = decodeCheckpoint(bytes)
  return decodeTensors(encodeCheckpoint({ config, snapshot }))
}

const judgeCheckpoint = (expected: Fields, got: Fields): Finding | undefined => {
  const wrong = (name: string, what: string): Finding => finding('wrong', 'ck-format', name, what)
  const bytes = bytesOf(got['bytes'])
  const [wanted, found] = [plain(bytesOf(expected['bytes'])), plain(bytes)]
  for (const [name, value] of wanted.tensors) {
    const one = compareCopy('ck-format', name, value, found.tensors.get(name), 'bit', undefined)
    if (one) return one
  }
  const metadata: Readonly<Record<string, unknown>> = { ...found.metadata, spec: decodeTensors(bytes).metadata['spec'] }
  const other = Object.keys({ ...wanted.metadata, ...metadata }).find((name) => wanted.metadata[name] !== metadata[name])
  if (other !== undefined)
    return wrong(`__metadata__.${other}`, `expected ${String(wanted.metadata[other])}, got ${String(metadata[other])}`)
  const header = new DataView(bytes.buffer).getUint32(0, true)
  return header % 8 === 0 ? undefined : wrong('header', `expected a multiple of 8 bytes, got ${header}`)
}

const JUDGES = {
  init: (_asked: Fields, expected: Fields, got: Fields, level: Level) => judgeWeights(expected, got, level),
  function: judgeFunction,
  checkpoint: (_asked: Fields, expected: Fields, got: Fields) => judgeCheckpoint(expected, got),
}

/** The clause that a request for a part is about. */
export const clauseOf = ({ op, name }: Fields): string =>
  op === 'init' ? 'wt-init' : op === 'checkpoint' ? 'ck-format' : (FUNCTIONS[String(name)]?.clause ?? 'pr-parts')

/** What is wrong with an answer beside what it has to be, if anything is. */
export const judgePart = (asked: Fields, expected: Fields, got: Fields, level: Level): Finding | undefined => {
  const part = asked['op'] as Part
  try {
    return JUDGES[part](asked, expected, got, level)
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    return finding('shape', clauseOf(asked), part, error.message)
  }
}

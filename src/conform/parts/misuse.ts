/** Requests for parts that have to be refused, each with one thing changed. [pr-parts] [ck-format] */

import type { Dice } from '../dice.js'
import type { ErrorKind, Fields, Part } from '../port/wire.js'
import { bytesOf, hexOf } from './answer.js'

export interface PartMisuse {
  readonly id: string
  readonly clause: string
  readonly kind: ErrorKind
  /** undefined where this request cannot be spoilt so */
  readonly spoil: (body: Fields, dice: Dice) => object | undefined
}

const invalid = (id: string, spoil: PartMisuse['spoil'], clause = 'pr-parts'): PartMisuse => ({
  id,
  clause,
  kind: 'invalid',
  spoil,
})

const NO_SEEDS = [-1, 0.5, 2 ** 53, '1', null]
const NO_WORDS = [-1, 0.5, 2 ** 53, '1', null]

const withOne = (list: readonly unknown[], at: number, value: unknown): readonly unknown[] =>
  list.map((one, i) => (i === at ? value : one))

/** Words of a function, one of them changed. */
const inWords = ({ words, ...body }: Fields, change: (words: readonly unknown[]) => unknown): object | undefined =>
  Array.isArray(words) ? { ...body, words: change(words) } : undefined

const INIT: readonly PartMisuse[] = [
  invalid('seed-missing', ({ seed: _, ...body }) => body),
  invalid('seed-wrong', (body, dice) => ({ ...body, seed: dice.pick(NO_SEEDS) })),
  invalid('config-short', ({ config, ...body }) => {
    const { gamma: _, ...rest } = config as Fields
    return { ...body, config: rest }
  }),
]

const FUNCTION: readonly PartMisuse[] = [
  {
    ...{ id: 'function-unknown', clause: 'pr-parts', kind: 'unsupported' },
    spoil: (body, dice) => ({ ...body, name: dice.pick(['sin', 'Exp', '', 'toString', null]) }),
  },
  invalid('argument-missing', ({ x: _, words: __, ...body }) => body),
  invalid('tensor-short', ({ x, ...body }) => {
    if (x === undefined) return undefined
    const { s, x: digits } = x as { s: unknown; x: string }
    return { ...body, x: { s, x: digits.slice(1) } }
  }),
  invalid('word-wrong', (body, dice) =>
    inWords(body, (words) => withOne(words, dice.whole(0, words.length - 1), dice.pick(NO_WORDS))),
  ),
  invalid('word-beyond', (body) => inWords(body, (words) => (body['name'] === 'key' ? [2 ** 53] : withOne(words, 0, 2 ** 32)))),
  invalid('words-none', (body) => inWords(body, () => [])),
]

/** A checkpoint with another header; its tensors stay. */
const withHeader = (body: Fields, change: (header: Record<string, any>) => void): object => {
  const bytes = bytesOf(body['bytes'])
  const length = new DataView(bytes.buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>
  change(header)
  return { ...body, bytes: hexOf(joined(JSON.stringify(header), bytes.subarray(8 + length))) }
}

const joined = (header: string, data: Uint8Array): Uint8Array => {
  const text = new TextEncoder().encode(header.padEnd(Math.ceil(header.length / 8) * 8))
  const bytes = new Uint8Array(8 + text.length + data.length)
  new DataView(bytes.buffer).setUint32(0, text.length, true)
  bytes.set(text, 8)
  bytes.set(data, 8 + text.length)
  return bytes
}

const file = (id: string, spoil: PartMisuse['spoil']): PartMisuse => invalid(id, spoil, 'ck-format')
const inHeader = (id: string, change: (header: Record<string, any>, dice: Dice) => void): PartMisuse =>
  file(id, (body, dice) => withHeader(body, (header) => change(header, dice)))

const CHECKPOINT: readonly PartMisuse[] = [
  invalid('bytes-odd', (body) => ({ ...body, bytes: `${body['bytes'] as string}0` })),
  invalid('bytes-missing', ({ bytes: _, ...body }) => body),
  file('file-cut', (body, dice) => ({
    ...body,
    bytes: (body['bytes'] as string).slice(0, 2 * dice.pick([0, 4, 8, 40]) || undefined).slice(0, -2),
  })),
  file('file-longer', (body) => ({ ...body, bytes: `${body['bytes'] as string}00` })),
  file('header-beyond', (body) => ({ ...body, bytes: `ffffffffffffff7f${(body['bytes'] as string).slice(16)}` })),
  file('tensor-not-finite', (body, dice) => ({
    ...body,
    bytes: (body['bytes'] as string).slice(0, -8) + dice.pick(['0000807f', '000080ff', '0000c07f']),
  })),
  inHeader('tensor-missing', (header) => {
    header['weights.X_1'] = header['weights.W_1']
    delete header['weights.W_1']
  }),
  inHeader('tensor-unknown', (header) => void (header['weights.X_1'] = { dtype: 'F32', shape: [0, 1], data_offsets: [0, 0] })),
  inHeader('tensor-type', (header) => void (header['weights.W_1'].dtype = 'I32')),
  inHeader('tensor-shape', (header) => void header['weights.W_1'].shape.push(1)),
  inHeader('tensor-overlapping', (header, dice) => {
    const { data_offsets: at } = header['weights.M_1']
    header['weights.M_1'].data_offsets = dice.pick([
      [at[0] - 4, at[1] - 4],
      [at[0], at[1] + 4],
      [at[1], at[0]],
    ])
  }),
  inHeader('metadata-number', (header) => void (header['__metadata__'].spec = 1)),
  inHeader('format-other', (header) => void (header['__metadata__'].format = 'pt')),
  inHeader('config-missing', (header) => void delete header['__metadata__'].config),
  inHeader('power-missing', (header) => void (header['__metadata__'].optimizer = '{"power1":"3f800000"}')),
]

/** What can be wrong with a request for each part. */
export const PART_MISUSES: Readonly<Record<Part, readonly PartMisuse[]>> = {
  init: INIT,
  function: FUNCTION,
  checkpoint: CHECKPOINT,
}

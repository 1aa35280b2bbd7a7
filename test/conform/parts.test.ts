/** Functions, initial weights and checkpoints asked for by themselves: their published values, by other means. [pr-parts] */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FUNCTIONS } from '../../src/conform/parts/functions.js'
import { PART_MISUSES } from '../../src/conform/parts/misuse.js'
import { decodeConfig, PARTS, readTensor, type Fields } from '../../src/conform/port/wire.js'
import { CAPS, serveLine } from '../../src/conform/reference.js'
import { checkPublished, publishedCases } from '../../src/conform/vectors.js'
import type { Json } from '../../src/io/json.js'
import { A2, P1, type Activation } from '../evaluator/functions.js'
import { rowsOf } from './evaluate.js'

const cases = publishedCases().filter(({ request }) => PARTS.some((part) => part === request['op']))
const answered = cases.flatMap(({ id, request, expect }) => ('answer' in expect ? [{ id, request, answer: expect.answer }] : []))
const of = (op: string) => answered.filter(({ request }) => request['op'] === op)

test('every function, every operation and every misuse of them has a case', () => {
  assert.deepEqual(
    Object.keys(FUNCTIONS).filter((name) => !of('function').some(({ request }) => request['name'] === name)),
    [],
  )
  for (const part of PARTS) {
    assert.ok(CAPS.ops.includes(part))
    for (const { id } of PART_MISUSES[part])
      assert.ok(
        cases.some((one) => one.id === `${part}-${id}`),
        `${part}-${id}`,
      )
  }
})

test('[pr-parts] the reference refuses what is to be refused, and answers the rest', () => {
  for (const { id, request, expect } of cases) {
    const answer = JSON.parse(serveLine(JSON.stringify({ id: 1, ...request }))!) as Fields
    assert.equal(answer['ok'] === true ? 'answer' : answer['kind'], 'refusal' in expect ? expect.refusal.kind : 'answer', id)
  }
  assert.deepEqual(checkPublished(cases, 'tol'), [])
})

/** Elementary functions in binary64. */
const exactly = (name: string, x: number): number =>
  name === 'exp' ? Math.exp(x) : name === 'log' ? (x < 0 ? NaN : Math.log(x)) : NaN

/** Whether a binary32 result is within 2 units in the last place, or on the right side of both ends. */
const close = (wanted: number, got: number): boolean =>
  Object.is(Math.fround(wanted), got) || Math.abs(wanted - got) <= 2 * 2 ** -23 * Math.max(Math.abs(wanted), 2 ** -126)

test('[ar-exp] to [ar-units] values of functions are those of binary64, rounded', () => {
  let count = 0
  for (const { id, request, answer } of of('function')) {
    if (answer['value'] === undefined || request['x'] === undefined) continue
    const [x, value] = [rowsOf(readTensor('x', request['x'])), rowsOf(readTensor('value', answer['value']))]
    const name = request['name'] as string
    if (name === 'exp' || name === 'log') {
      x.forEach((row, i) =>
        row.forEach((one, j) => (count++, assert.ok(close(exactly(name, one), value[i]![j]!), `${id} ${one}`))),
      )
      continue
    }
    const judged = name === 'softmax' ? P1('softmax', x) : A2(name as Activation, x)
    judged.value.forEach((row, i) =>
      row.forEach((wanted, j) => {
        count++
        const [got, scale] = [value[i]![j]!, judged.scale[i]![j]!]
        // beside an infinite element a bound of rounding has no meaning
        const same = close(wanted, got)
        assert.ok(same || Math.abs(wanted - got) <= judged.allowed * 2 ** -24 * scale, `${id} ${x[i]![j]}: ${got} for ${wanted}`)
      }),
    )
  }
  assert.ok(count > 150, `${count}`)
})

const WORD = 2n ** 32n

/** Philox4x32-10 with whole numbers as long as they come. */
const philox = ([c0, c1, c2, c3]: readonly bigint[], [k0, k1]: readonly bigint[]): readonly bigint[] => {
  let [a, b, c, d, k, l] = [c0!, c1!, c2!, c3!, k0!, k1!]
  for (let round = 0; round < 10; round++) {
    const [p, q] = [0xd2511f53n * a, 0xcd9e8d57n * c]
    ;[a, b, c, d] = [(q / WORD) ^ b ^ k, q % WORD, (p / WORD) ^ d ^ l, p % WORD]
    ;[k, l] = [(k + 0x9e3779b9n) % WORD, (l + 0xbb67ae85n) % WORD]
  }
  return [a, b, c, d]
}
const blockAt = (i: bigint, key: readonly bigint[], last = 0n): readonly bigint[] => philox([i % WORD, i / WORD, 0n, last], key)
const splitOf = (key: readonly bigint[], i: bigint): readonly bigint[] => blockAt(i, key, WORD - 1n).slice(0, 2)
const wordOf = (key: readonly bigint[], i: bigint): bigint => blockAt(i / 4n, key)[Number(i % 4n)]!
const keyOfSeed = (seed: bigint): readonly bigint[] => [seed % WORD, seed / WORD]

const ON_WORDS: Readonly<Record<string, (words: readonly bigint[]) => readonly bigint[]>> = {
  philox: (words) => philox(words.slice(0, 4), words.slice(4)),
  key: ([seed]) => keyOfSeed(seed!),
  split: ([k0, k1, i]) => splitOf([k0!, k1!], i!),
  word: ([k0, k1, i]) => [wordOf([k0!, k1!], i!)],
  below: ([n, k0, k1, i]) => [(wordOf([k0!, k1!], i!) * n!) / WORD],
}

test('[ar-philox] [ar-key] [ar-uniform] words are those of whole numbers without an end', () => {
  for (const { id, request, answer } of of('function')) {
    if (answer['words'] === undefined) continue
    const words = (request['words'] as readonly number[]).map(BigInt)
    assert.deepEqual(ON_WORDS[request['name'] as string]!(words).map(Number), answer['words'], id)
  }
})

/** The normal distribution function, by Simpson's rule from 0. */
const distribution = (z: number): number => {
  const [n, h] = [4000, z / 4000]
  let sum = 0
  for (let i = 0; i <= n; i++) sum += (i === 0 || i === n ? 1 : i % 2 ? 4 : 2) * Math.exp(-((i * h) ** 2) / 2)
  return 0.5 + (sum * h) / 3 / Math.sqrt(2 * Math.PI)
}
/** Whether z is the normal number of a word: a change of z by 2^-20 of its size passes it. */
const isNormal = (z: number, word: bigint): boolean => {
  const u = (Number(word / 512n) + 0.5) / 2 ** 23
  const off = 2 ** -20 * Math.max(Math.abs(z), 2 ** -10)
  return distribution(z - off) <= u && u <= distribution(z + off)
}

test('[ar-uniform] [ar-normal] units and normal numbers of words', () => {
  for (const { id, request, answer } of of('function')) {
    if (answer['value'] === undefined || request['words'] === undefined) continue
    const { data } = readTensor('value', answer['value'])
    for (const [i, word] of (request['words'] as readonly number[]).entries()) {
      if (request['name'] === 'unit') assert.equal(data[i], Math.floor(word / 256) / 2 ** 24, id)
      else assert.ok(isNormal(data[i]!, BigInt(word)), `${id}: ${word}`)
    }
  }
})

test('[wt-init] initial weights are normal numbers of words of split keys', () => {
  for (const { id, request, answer } of of('init')) {
    const { weightScale, errorStart } = decodeConfig(request['config'])
    const weights = answer['weights'] as Fields
    for (const [name, value] of Object.entries(weights)) {
      const [letter, l] = [name[0]!, BigInt(name.slice(2))]
      const { rows, cols, data } = readTensor(name, value)
      if (letter === 'b' || letter === 'c')
        assert.ok(
          Array.from(data).every((one) => Object.is(one, 0)),
          `${id} ${name}`,
        )
      else if (letter === 'E' && errorStart === 'transposed')
        assert.ok(isTransposed(readTensor('W', weights[`W_${l}`]), { rows, cols, data }))
      else {
        const key = splitOf(splitOf(keyOfSeed(BigInt(request['seed'] as number)), l), BigInt('WEMVU'.indexOf(letter)))
        Array.from(data).forEach((one, i) => assert.ok(isNormal(one / weightScale, wordOf(key, BigInt(i))), `${id} ${name} ${i}`))
      }
    }
  }
})

const isTransposed = (a: ReturnType<typeof readTensor>, b: ReturnType<typeof readTensor>): boolean =>
  Array.from(a.data).every((one, i) => Object.is(one, b.data[(i % a.cols) * b.cols + Math.floor(i / a.cols)]))

test('[ck-format] what was read is written again: every tensor, and all that is said of the network', () => {
  const parsed = (hex: Json | undefined) => {
    const bytes = Buffer.from(hex as string, 'hex')
    const length = Number(bytes.readBigUInt64LE())
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, any>
    const data = bytes.subarray(8 + length)
    const { __metadata__: metadata, ...entries } = header
    const tensors = Object.entries(entries).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => [name, shape, data.subarray(from, to).toString('hex')],
    )
    return { metadata, tensors: tensors.sort() }
  }
  for (const { id, request, answer } of of('checkpoint')) assert.deepEqual(parsed(answer['bytes']), parsed(request['bytes']), id)
})

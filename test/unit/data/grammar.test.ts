import assert from 'node:assert/strict'
import { test } from 'node:test'

import { reberTask } from '../../../src/data/grammar-task.js'
import { bestPrediction, REBER_SYMBOLS, reberDistance, reberSequence } from '../../../src/data/grammar.js'
import { rowLengths } from '../../../src/data/batches.js'
import { keyOf, split } from '../../../src/numeric/random.js'

const NEXT: Readonly<Record<string, string>> = { 1: 'T2P3', 2: 'S2X4', 3: 'T3V5', 4: 'X3S6', 5: 'P4V6', 6: 'E7' }

/** The number of two-way choices in a word of Reber's grammar, or none where it is no such word. */
const choicesIn = (word: string): number | undefined => {
  if (word[0] !== 'B') return undefined
  let [state, choices] = ['1', 0]
  for (const symbol of word.slice(1)) {
    const moves = NEXT[state]
    const at = moves?.indexOf(symbol) ?? -1
    if (moves === undefined || at < 0 || at % 2 === 1) return undefined
    choices += moves.length / 2 - 1
    state = moves[at + 1]!
  }
  return state === '7' ? choices : undefined
}

const SAMPLES = 20_000
const texts = Array.from({ length: SAMPLES }, (_, i) =>
  reberSequence(split(keyOf(4), i))
    .map((symbol) => REBER_SYMBOLS[symbol])
    .join(''),
)

test("a sequence is B, T or P, a word of Reber's grammar, the same T or P, E", () => {
  for (const text of texts) {
    assert.match(text, /^B([TP])B[TPXSV]+E\1E$/)
    assert.notEqual(choicesIn(text.slice(2, -2)), undefined, text)
  }
})

test('every choice is open: both outer symbols, and words short and long', () => {
  const share = texts.filter((text) => text[1] === 'T').length / SAMPLES
  assert.ok(Math.abs(share - 0.5) < 4 * Math.sqrt(0.25 / SAMPLES), `${share}`)
  assert.equal(Math.min(...texts.map((text) => text.length)), 9)
  assert.ok(Math.max(...texts.map((text) => text.length)) > 25)
})

test('the exact entropy is 7 bits over the 11 predicted symbols of a mean sequence, and the best accuracy 15/22', () => {
  const { nats, accuracy, length } = bestPrediction()
  assert.ok(Math.abs(nats / Math.LN2 - 7 / 11) < 1e-15)
  assert.ok(Math.abs(accuracy - 15 / 22) < 1e-15)
  assert.ok(Math.abs(length - 12) < 1e-13)
})

test('the surprise that sampled sequences give to who knows the grammar comes near its entropy', () => {
  const totals = texts.map((text) => ({ bits: 1 + choicesIn(text.slice(2, -2))!, symbols: text.length - 1 }))
  const sum = (of: (one: (typeof totals)[number]) => number): number => totals.reduce((all, one) => all + of(one), 0)
  const entropy = bestPrediction().nats / Math.LN2
  const residual = sum(({ bits, symbols }) => (bits - entropy * symbols) ** 2)
  const ratio = sum((one) => one.bits) / sum((one) => one.symbols)
  assert.ok(Math.abs(ratio - entropy) < (4 * Math.sqrt(residual)) / sum((one) => one.symbols), `${ratio}`)
})

test('the distance is that from the second symbol to the last but one', () => {
  for (const { length } of texts.slice(0, 100)) assert.equal(reberDistance(length), length - 2 - 1)
})

test('the task: parts are the same at each call and differ, rows end where their sequence does, the floor is below all marks', () => {
  const task = reberTask(8)
  const [first, second] = [[...task.held('test')], [...task.held('test')]]
  assert.deepEqual(first, second)
  assert.notDeepEqual(first[0], [...task.held('validation')][0])
  const batch = task.training(keyOf(1), 3)
  assert.deepEqual(batch, task.training(keyOf(1), 3))
  assert.equal(batch.inputs.length, Math.max(...rowLengths(batch)))
  assert.equal(rowLengths(batch).length, 8)
  const marks = Object.fromEntries(task.marks('test').map(({ label, value }) => [label, value]))
  assert.ok(marks['floor']! < marks['bigram']! && marks['bigram']! < marks['unigram']! && marks['unigram']! < marks['uniform']!)
  assert.ok(Math.abs(marks['uniform']! - Math.log2(7)) < 1e-12)
  assert.ok(task.padding! > 0.3 && task.padding! < 0.7)
})

/** Wrong results that come of arithmetic alone: fused products, lanes, other orders, flushed numbers, swapped counters. */

import { add, addRow, map, scale, subtract, transpose, type Matrix } from '../../numeric/matrix.js'
import { ACTIVATIONS, threshold } from '../../numeric/activation.js'
import { philox, unitInterval } from '../../numeric/random.js'
import { predictionStage } from '../../ptncn/layer.js'
import { exactly, type Get, type Setting } from './exact.js'
import type { Rule } from './graph.js'

const { fround } = Math

type Product = (a: Matrix, b: Matrix) => Matrix
/** The sum of a_k b_k, k = 0, 1, ... n - 1. */
type Dot = (n: number, a: (k: number) => number, b: (k: number) => number) => number

const productBy =
  (dot: Dot): Product =>
  (a, b) => {
    const data = new Float32Array(a.rows * b.cols)
    for (let at = 0; at < data.length; at++) {
      const [i, j] = [Math.floor(at / b.cols), at % b.cols]
      data[at] = dot(
        a.cols,
        (k) => a.data[i * a.cols + k]!,
        (k) => b.data[k * b.cols + j]!,
      )
    }
    return { rows: a.rows, cols: b.cols, data }
  }

/** One rounding for a product and its sum. */
const fused: Dot = (n, a, b) => {
  let sum = 0
  for (let k = 0; k < n; k++) sum = fround(sum + a(k) * b(k))
  return sum
}
const descending: Dot = (n, a, b) => {
  let sum = 0
  for (let k = n - 1; k >= 0; k--) sum = fround(sum + fround(a(k) * b(k)))
  return sum
}
const lanes =
  (width: number): Dot =>
  (n, a, b) => {
    const sums = new Float32Array(width)
    for (let k = 0; k < n; k++) sums[k % width] = sums[k % width]! + fround(a(k) * b(k))
    return sums.reduce((total, x) => fround(total + x), 0)
  }
const inBinary64: Dot = (n, a, b) => {
  let sum = 0
  for (let k = 0; k < n; k++) sum += a(k) * b(k)
  return fround(sum)
}

/** An equation that has a product, with another product. */
const withProduct = (times: Product, rule: Rule, get: Get, { config }: Setting): Matrix | undefined => {
  const has = (part: string): boolean => rule.reads[part] !== undefined
  switch (rule.kind) {
    case 'advance': {
      const below = times(get('below'), get('M'))
      const driven = has('above') ? add(below, times(get('above'), get('U'))) : below
      const a = add(driven, times(get('own'), get('V')))
      return has('b') ? addRow(a, get('b')) : a
    }
    case 'logits': {
      const sum = times(get('z'), get('W'))
      return has('c') ? addRow(sum, get('c')) : sum
    }
    case 'feedback': {
      const carried = times(get('below'), get('E'))
      const held = has('e') ? subtract(carried, scale(config.alpha, get('e'))) : carried
      return add(held, scale(config.lambda, map(ACTIVATIONS.sign, get('a'))))
    }
    case 'outer':
      return times(transpose(get('before')), get('after'))
    case 'temporal':
      return scale(-config.gamma, times(transpose(get('e')), subtract(get('d'), get('dBefore'))))
    default:
      return undefined
  }
}

/** All orders of terms that give other sums: the first two may change places. */
const ordersOf = (terms: readonly string[]): readonly (readonly string[])[] => {
  if (terms.length <= 1) return [terms]
  return terms.flatMap((first) => ordersOf(terms.filter((one) => one !== first)).map((rest) => [first, ...rest]))
}
const ORDERS = [
  ['M', 'V'],
  ['M', 'U', 'V'],
  ['M', 'V', 'b'],
  ['M', 'U', 'V', 'b'],
]
  .flatMap(ordersOf)
  .filter(([first, second]) => first! < second!)

/** The terms of A1 added in this order, which has to name just those that it has. */
const otherOrder = (order: readonly string[], rule: Rule, get: Get): Matrix | undefined => {
  if (rule.kind !== 'advance' || order.join() === 'M,U,V,b') return undefined
  if (['M', 'U', 'V', 'b'].some((name) => order.includes(name) !== (rule.reads[name] !== undefined))) return undefined
  const factors: Readonly<Record<string, string>> = { M: 'below', U: 'above', V: 'own' }
  const zeros = map(() => 0, withProduct(productBy(fused), rule, get, {} as Setting)!)
  const term = (name: string): Matrix | undefined => {
    if (rule.reads[name] === undefined) return undefined
    return name === 'b' ? addRow(zeros, get('b')) : productBy((n, a, b) => rounded(n, a, b))(get(factors[name]!), get(name))
  }
  const terms = order.flatMap((name) => term(name) ?? [])
  return terms.slice(1).reduce(add, terms[0]!)
}
const rounded: Dot = (n, a, b) => {
  let sum = 0
  for (let k = 0; k < n; k++) sum = fround(sum + fround(a(k) * b(k)))
  return sum
}

/** Draws of stochastic units from another counter. */
const drawnFrom = (counter: (unit: number, row: number, place: number, t: number) => readonly number[], swapKey = false) =>
  function (rule: Rule, get: Get, { config, key, t }: Setting): Matrix | undefined {
    const hidden = rule.kind === 'predict' && rule.level > 0 && config.hiddenPrediction === 'activation'
    if (config.activation !== 'stochastic' || !(hidden || rule.kind === 'activate')) return undefined
    const a = get(hidden ? 'logits' : 'a')
    const stage = hidden ? predictionStage(rule.pass) : rule.pass
    const data = Float32Array.from(a.data, (x, i) => {
      const unit = i % a.cols
      const words = counter(Math.floor(unit / 4), Math.floor(i / a.cols), stage * 0x10000 + rule.level, t % 2 ** 32)
      const drawn = philox(words as [number, number, number, number], swapKey ? [key[1], key[0]] : key)
      return threshold(x, unitInterval(drawn[(unit % 4) as 0 | 1 | 2 | 3]))
    })
    return { ...a, data }
  }

type Wrong = (rule: Rule, get: Get, setting: Setting) => Matrix | undefined

const ofProduct =
  (dot: Dot): Wrong =>
  (rule, get, setting) =>
    withProduct(productBy(dot), rule, get, setting)

/** What a wrong result may be, and how it then comes about. */
export const MISROUNDINGS: readonly (readonly [what: string, wrong: Wrong])[] = [
  ['fused multiply-adds: each product has to be rounded before it is added', ofProduct(fused)],
  ['the terms of a product added in descending order', ofProduct(descending)],
  ['the terms of a product added in 4 lanes', ofProduct(lanes(4))],
  ['the terms of a product added in 8 lanes', ofProduct(lanes(8))],
  ['the terms of a product added in binary64', ofProduct(inBinary64)],
  ...ORDERS.map(
    (order) =>
      [`its terms added in the order ${order.join(', ')}`, (rule: Rule, get: Get) => otherOrder(order, rule, get)] as const,
  ),
  [
    'subnormal results flushed to 0',
    (rule, get, setting) => map((x) => (Math.abs(x) < 2 ** -126 ? 0 * x : x), exactly(rule, get, setting)),
  ],
  [
    'the counter (row, unit / 4, place, t): its first two words swapped',
    drawnFrom((unit, row, place, t) => [row, unit, place, t]),
  ],
  [
    'the counter (unit / 4, row, t, place): its last two words swapped',
    drawnFrom((unit, row, place, t) => [unit, row, t, place]),
  ],
  ['the words of the key swapped', drawnFrom((unit, row, place, t) => [unit, row, place, t], true)],
]

/** Mistakes that begin at a size: more terms, lanes, rows, layers, passes or steps than a small case has. */

import { map, transpose, type Matrix } from '../../../src/numeric/matrix.js'
import { scalar } from '../../../src/ptncn/trace.js'
import type { Moment } from '../mistakes.js'
import { both, get, isKind, isOf, nudged, planted, right, ruled, type Wrong, type WrongPort } from './port.js'

const { fround } = Math
const KIND = 'sizes'

type Sum = (terms: readonly number[]) => number

/** Partial sums in lanes, added from the first to the last. */
const lanes =
  (n: number): Sum =>
  (terms) => {
    const sums = new Float32Array(n)
    terms.forEach((x, i) => (sums[i % n] = sums[i % n]! + x))
    return sums.reduce((total, x) => fround(total + x), 0)
  }
const blocks =
  (n: number): Sum =>
  (terms) => {
    let total = 0
    for (let i = 0; i < terms.length; i += n) total = fround(total + terms.slice(i, i + n).reduce((sum, x) => fround(sum + x), 0))
    return total
  }
const halves: Sum = (terms) => {
  if (terms.length <= 8) return terms.reduce((sum, x) => fround(sum + x), 0)
  const middle = terms.length >> 1
  return fround(halves(terms.slice(0, middle)) + halves(terms.slice(middle)))
}
const inOrder: Sum = (terms) => terms.reduce((sum, x) => fround(sum + x), 0)
const upTo =
  (n: number): Sum =>
  (terms) =>
    inOrder(terms.slice(0, n))

const product = (a: Matrix, b: Matrix, sum: Sum, fused: boolean): Matrix => ({
  rows: a.rows,
  cols: b.cols,
  data: Float32Array.from({ length: a.rows * b.cols }, (_, at) => {
    const [i, j] = [Math.floor(at / b.cols), at % b.cols]
    const term = (k: number): number => a.data[i * a.cols + k]! * b.data[k * b.cols + j]!
    if (!fused) return sum(Array.from({ length: a.cols }, (_one, k) => fround(term(k))))
    let total = 0
    for (let k = 0; k < a.cols; k++) total = fround(total + term(k))
    return total
  }),
})

/** The one product of logits, of the part of C2 that is a product alone, or of an outer product; A1 by its M. */
const withSum =
  (least: number, sum: Sum, fused = false): Wrong =>
  (moment) => {
    const { kind } = moment.rule
    const of = (part: string): Matrix => get(moment, part)
    if (kind === 'logits' && of('z').cols > least) return biased(moment, product(of('z'), of('W'), sum, fused))
    if (kind === 'outer' && of('before').rows > least) return product(transpose(of('before')), of('after'), sum, fused)
    if (kind === 'feedback' && of('below').cols > least) {
      const carried = product(of('below'), of('E'), sum, fused)
      const { alpha, lambda } = moment.setting.config
      const e = moment.rule.reads['e'] ? of('e') : undefined
      const data = Float32Array.from(carried.data, (x, i) => {
        const held = e ? fround(x - fround(alpha * e.data[i]!)) : x
        return held + fround(lambda * Math.sign(of('a').data[i]!))
      })
      return { ...carried, data }
    }
    if (kind === 'advance' && (of('below').cols > least || of('own').cols > least)) {
      const [M, V] = [product(of('below'), of('M'), sum, fused), product(of('own'), of('V'), sum, fused)]
      const U = moment.rule.reads['above'] ? product(of('above'), of('U'), sum, fused) : undefined
      const b = moment.rule.reads['b'] ? of('b') : undefined
      const data = Float32Array.from(M.data, (x, i) => {
        const a = fround((U ? fround(x + U.data[i]!) : x) + V.data[i]!)
        return b ? a + b.data[i % M.cols]! : a
      })
      return { ...M, data }
    }
    return undefined
  }

const biased = (moment: Moment, a: Matrix): Matrix =>
  moment.rule.reads['c'] ? { ...a, data: Float32Array.from(a.data, (x, i) => x + get(moment, 'c').data[i % a.cols]!) } : a

const PRODUCTS = ['A1', 'P1', 'C2', 'L1', 'L3', 'L4', 'L5'] as const

const sums: readonly WrongPort[] = PRODUCTS.flatMap((equation) => {
  const rows = equation.startsWith('L')
  const at = rows ? 8 : 20
  const made = (id: string, wrong: Wrong): WrongPort => ruled(`${equation}-${id}`, KIND, equation, isOf(equation), wrong)
  return [
    made(`lanes-4-beyond-${at}`, withSum(at, lanes(4))),
    made(`lanes-8-beyond-${rows ? 16 : 32}`, withSum(rows ? 16 : 32, lanes(8))),
    made(`fused-beyond-${at}`, withSum(at, inOrder, true)),
    made(`terms-lost-beyond-${rows ? 16 : 64}`, withSum(rows ? 16 : 64, upTo(rows ? 16 : 64))),
    ...(equation === 'A1' || equation === 'P1'
      ? [
          made('blocks-of-32', withSum(32, blocks(32))),
          made('blocks-of-64', withSum(64, blocks(64))),
          made('halves-beyond-128', withSum(128, halves)),
          made('terms-lost-beyond-256', withSum(256, upTo(256))),
        ]
      : []),
  ]
})

/** The rest that a loop by eights leaves, where there are more than so many columns. */
const tails: readonly WrongPort[] = ['A1', 'A2', 'P1', 'C1', 'C3', 'C4', 'L1', 'L4', 'O1', 'O3'].map((equation) =>
  ruled(`${equation}-tail-beyond-16-columns`, KIND, equation, isOf(equation), (moment) => {
    const value = right(moment)
    if (value.cols <= 16 || value.cols % 8 === 0) return undefined
    const end = value.cols - (value.cols % 8)
    return { ...value, data: Float32Array.from(value.data, (x, i) => (i % value.cols >= end ? x * 1.001 + 2 ** -40 : x)) }
  }),
)

const layers: readonly WrongPort[] = [
  ...['A1', 'A2', 'C2', 'C4', 'L1', 'L2', 'L3', 'L4', 'O3'].map((equation) =>
    ruled(
      `${equation}-from-layer-5`,
      KIND,
      equation,
      both(isOf(equation), ({ rule }) => rule.level >= 5),
      nudged,
    ),
  ),
  ruled(
    'P1-from-level-7',
    KIND,
    'P1',
    both(isOf('P1'), ({ rule }) => rule.level >= 7),
    nudged,
  ),
  ruled(
    'L5-from-layer-8',
    KIND,
    'L5',
    both(isOf('L5'), ({ rule }) => rule.level >= 8),
    nudged,
  ),
]

const passes: readonly WrongPort[] = ['P1', 'C1', 'C2', 'C3'].flatMap((equation) =>
  [4, 7].map((pass) =>
    ruled(
      `${equation}-from-pass-${pass}`,
      KIND,
      equation,
      both(isOf(equation), ({ rule }) => rule.pass >= pass),
      nudged,
    ),
  ),
)

const rowsBeyond =
  (n: number, part: string) =>
  (moment: Moment): boolean =>
    moment.rule.reads[part] !== undefined && get(moment, part).rows > n

const batches: readonly WrongPort[] = [
  ...['A1', 'C1', 'C3', 'C4'].map((equation) =>
    ruled(`${equation}-beyond-8-rows`, KIND, equation, isOf(equation), (moment) => {
      const value = right(moment)
      return value.rows > 8 ? nudged(moment) : undefined
    }),
  ),
  ruled('O2-beyond-16-rows', KIND, 'O2', both(isOf('O2'), rowsBeyond(16, 'mask')), nudged),
  ruled('L6-lanes-beyond-8-rows', KIND, 'L6', isOf('L6'), (moment) => {
    const signal = get(moment, 'signal')
    if (signal.rows <= 8) return undefined
    return product({ rows: 1, cols: signal.rows, data: new Float32Array(signal.rows).fill(1) }, signal, lanes(4), false)
  }),
  ruled('S-beyond-8-rows', KIND, 'S1 S2 S3', both(isKind('loss'), rowsBeyond(8, 'p')), nudged),
  ruled('S4-beyond-16-rows', KIND, 'S4', both(isOf('S4'), rowsBeyond(16, 'p')), (moment) => scalar(right(moment).data[0]! + 1)),
  ruled('A2-draws-of-row-modulo-8', KIND, 'A2', isOf('A2'), (moment) => {
    const { config } = moment.setting
    const a = get(moment, 'a')
    if (config.activation !== 'stochastic' || a.rows <= 8) return undefined
    const value = right(moment)
    const data = Float32Array.from(value.data)
    for (let row = 8; row < a.rows; row++) {
      const from = (row % 8) * a.cols
      const alone = (of: Matrix): Matrix => ({
        ...of,
        rows: 8,
        data: of.data.length ? Array.from(of.data).slice(0, 8 * a.cols) : [],
      })
      const swapped = { ...a, rows: 8, data: Float32Array.from(alone(a).data) }
      for (let j = 0; j < a.cols; j++) swapped.data[from + j] = a.data[row * a.cols + j]!
      const drawn = right({ ...moment, known: new Map([...moment.known, [moment.rule.reads['a']!, swapped]]) })
      for (let j = 0; j < a.cols; j++) data[row * a.cols + j] = drawn.data[from + j]!
    }
    return { ...value, data }
  }),
]

const time = (id: string, wrap: (t: number) => number): readonly WrongPort[] => [
  ruled(`A2-counter-${id}`, KIND, 'A2 C3', isKind('activate'), (moment) =>
    right({ ...moment, setting: { ...moment.setting, t: wrap(moment.setting.t) } }),
  ),
]
const times: readonly WrongPort[] = [
  ...time('binary32', fround),
  ...time('20-bits', (t) => t % 2 ** 20),
  ...time('31-bits', (t) => t % 2 ** 31),
  ...time('at-most-32-bits', (t) => Math.min(t, 2 ** 32 - 1)),
]

/** t + 1 in a type that does not hold it. */
const counting = (id: string, next: (t: number) => number): WrongPort => {
  const port = planted(`carry-t-${id}`, KIND, 'st-carried', {})
  return {
    ...port,
    serve: (line) => port.serve(line)?.replace(/"state":\{"t":(\d+)/g, (_, t) => `"state":{"t":${next(Number(t))}`),
  }
}
const counters: readonly WrongPort[] = [
  counting('binary32', fround),
  counting('int32', (t) => (t >= 2 ** 31 ? t - 2 ** 31 : t)),
  counting('uint32', (t) => t % 2 ** 32),
  counting('at-most-20-bits', (t) => Math.min(t, 2 ** 20)),
]

const late: readonly WrongPort[] = [7, 9].map((least) => {
  const port = planted(`run-of-${least}-steps`, KIND, 'st-carried pr-requests pr-answers', {})
  return {
    ...port,
    serve: (line) => {
      const said = port.serve(line)
      const answer = JSON.parse(said ?? '{}') as { steps?: object[] }
      return answer.steps && answer.steps.length >= least
        ? JSON.stringify({ ...answer, steps: answer.steps.map((step, i) => (i >= least - 1 ? answer.steps![i - 1]! : step)) })
        : said
    },
  }
})

const widths: readonly WrongPort[] = [
  ruled(
    'P1-softmax-8-lanes-beyond-16',
    KIND,
    'P1',
    both(isKind('predict'), ({ rule }) => rule.level === 0),
    (moment) => {
      const logits = get(moment, 'logits')
      if (moment.setting.config.output !== 'softmax' || logits.cols <= 16) return undefined
      const value = right(moment)
      const data = Float32Array.from(value.data)
      for (let i = 0; i < value.rows; i++) {
        const row = data.subarray(i * value.cols, (i + 1) * value.cols)
        const total = lanes(8)(Array.from(row))
        row.forEach((x, j) => (row[j] = fround(x / total)))
      }
      return { ...value, data }
    },
  ),
  ruled('O1-norm-of-32-elements', KIND, 'O1', isOf('O1'), (moment) => {
    const d = get(moment, 'd')
    const { clip } = moment.setting.config
    if (d.data.length <= 32 || !(clip > 0)) return undefined
    const norm = fround(Math.sqrt(lanes(8)(Array.from(d.data, (x) => fround(x * x)))))
    return norm > clip ? map((x) => fround(fround(x * clip) / norm), d) : d
  }),
  ruled('O4-norm-of-16-columns', KIND, 'O4', isOf('O4'), (moment) => {
    const w = get(moment, 'w')
    const { maxNorm } = moment.setting.config
    if (w.cols <= 16 || maxNorm === 0) return undefined
    const norms = Array.from({ length: w.rows }, (_, i) =>
      fround(
        Math.sqrt(
          lanes(8)(
            Array.from(w.data)
              .slice(i * w.cols, (i + 1) * w.cols)
              .map((x) => fround(x * x)),
          ),
        ),
      ),
    )
    return {
      ...w,
      data: Float32Array.from(w.data, (x, i) => {
        const norm = norms[Math.floor(i / w.cols)]!
        return norm > maxNorm ? fround(fround(x * maxNorm) / norm) : x
      }),
    }
  }),
  ruled('A2-draws-of-units-beyond-32', KIND, 'A2 C3', isKind('activate'), (moment) => {
    const value = right(moment)
    if (moment.setting.config.activation !== 'stochastic' || value.cols <= 32) return undefined
    return { ...value, data: Float32Array.from(value.data, (x, i) => (i % value.cols >= 32 ? value.data[i - 32]! : x)) }
  }),
]

export const sizes: readonly WrongPort[] = [
  ...sums,
  ...tails,
  ...layers,
  ...passes,
  ...batches,
  ...times,
  ...counters,
  ...late,
  ...widths,
]

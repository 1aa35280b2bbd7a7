/** Mistakes in the arithmetic. */

import type { Mutant } from './mutants.js'

type Line = readonly [id: string, equation: string, from: string, to: string]

const inFile = (file: string, lines: readonly Line[]): readonly Mutant[] =>
  lines.map(([id, equation, from, to]) => ({ id, equation, file, from, to }))

export const numericMutants: readonly Mutant[] = [
  ...inFile('numeric/matrix.ts', [
    ['ar-mask-rows', 'C1', 'm.data[Math.floor(i / a.cols)]! * a.data[i]!', 'm.data[i % a.rows]! * a.data[i]!'],
  ]),
  ...inFile('numeric/product.ts', [
    [
      'ar-product-descending',
      'ar-product',
      'for (let k = 0; k < a.cols; k++) addScaledRow(',
      'for (let k = a.cols - 1; k >= 0; k--) addScaledRow(',
    ],
    ['ar-rows-descending', 'ar-product', 'for (let r = 0; r < a.rows; r++) {', 'for (let r = a.rows - 1; r >= 0; r--) {'],
    [
      'ar-product-fused',
      'ar-product',
      'fround(data[start + j]! + fround(factor * b.data[from + j]!))',
      'fround(data[start + j]! + factor * b.data[from + j]!)',
    ],
  ]),
  ...inFile('numeric/sum.ts', [
    [
      'ar-sum-running',
      'ar-sum',
      'return fround(fround(s0 + s1) + fround(s2 + s3))',
      'return fround(fround(fround(s0 + s1) + s2) + s3)',
    ],
    [
      'ar-sum-lanes',
      'ar-sum',
      'return fround(fround(s0 + s1) + fround(s2 + s3))',
      'return fround(fround(s0 + s2) + fround(s1 + s3))',
    ],
    ['ar-sum-rows-descending', 'ar-sum', 'Array.from(rowSums(a).data)', 'Array.from(rowSums(a).data).reverse()'],
    ['l6-rows-descending', 'L6', 'sums = add(sums, rowOf(a, i))', 'sums = add(sums, rowOf(a, a.rows - 1 - i))'],
    ['o1-square', 'O1', 'fround(sqrt(total(multiply(a, a))))', 'fround(total(multiply(a, a)))'],
  ]),
  ...inFile('numeric/elementary.ts', [
    ['ar-softmax-no-shift', 'ar-softmax', 'exp(fround(x.data[start + j]! - largest))', 'exp(x.data[start + j]!)'],
    [
      'ar-softmax-sum',
      'ar-softmax',
      'const sum = laneSum(data, start, x.cols)',
      'const sum = data.subarray(start, start + x.cols).reduce((s, e) => fround(s + e), 0)',
    ],
    [
      'ar-softmax-reciprocal',
      'ar-softmax',
      'data[start + j] = fround(data[start + j]! / sum)',
      'data[start + j] = fround(data[start + j]! * fround(1 / sum))',
    ],
    ['ar-sigmoid-tail', 'ar-sigmoid', 'return x < 0 ? fround(e - fround(e * quotient)) : quotient', 'return quotient'],
    ['ar-tanh-split', 'ar-tanh', 'TANH_SPLIT = 0.625', 'TANH_SPLIT = 0.5'],
    ['ar-tanh-zero', 'ar-tanh', 'return x === 0 ? x : x < 0', 'return x < 0'],
    [
      'ar-exp-lost',
      'ar-exp',
      'const low = fround(fround(r - fround(high - 1)) + lost)',
      'const low = fround(r - fround(high - 1))',
    ],
    ['ar-exp-least', 'ar-exp', 'EXP_LEAST = -104', 'EXP_LEAST = -87'],
    ['ar-log-subnormal', 'ar-log', '(subnormal ? 23 : 0)', '(subnormal ? 22 : 0)'],
  ]),
  ...inFile('numeric/activation.ts', [
    ['units-sign-0', 'ar-units', 'a < 0 ? -1 : a === 0 ? 0 : NaN', 'a <= 0 ? -1 : NaN'],
    ['units-step-0', 'ar-units', '(a >= 0 ? 1 : a < 0 ? 0 : NaN)', '(a > 0 ? 1 : a <= 0 ? 0 : NaN)'],
    ['units-relu-minus-0', 'ar-units', '(a > 0 ? a : a <= 0 ? 0 : NaN)', '(a >= 0 ? a : a < 0 ? 0 : NaN)'],
    ['units-relu6', 'ar-units', '(a > 6 ? 6 : relu(a))', '(a > 6 ? relu(a) : relu(a))'],
    ['units-ltanh', 'ar-units', 'fround(2 / 3)', 'fround(3 / 2)'],
    ['stochastic-at-most', 'ar-stochastic', 'u < sigmoid(a) ? 1 : 0', 'u <= sigmoid(a) ? 1 : 0'],
  ]),
  ...inFile('numeric/random.ts', [
    ['ar-philox-rounds', 'ar-philox', 'ROUNDS = 10', 'ROUNDS = 9'],
    ['ar-philox-key', 'ar-philox', '(high1 ^ c1 ^ k0)', '(high1 ^ c1 ^ k1)'],
    [
      'ar-key-split',
      'ar-key',
      '[index % WORD, Math.floor(index / WORD), 0, SPLIT], key)',
      '[index % WORD, Math.floor(index / WORD), 0, 0], key)',
    ],
    ['ar-uniform-bits', 'ar-uniform', '(word >>> 8) / 2 ** 24', '(word >>> 9) / 2 ** 23'],
    ['ar-normal-half', 'ar-normal', '((word >>> 9) + 0.5) / 2 ** 23', '((word >>> 9) + 0.25) / 2 ** 23'],
    ['ar-normal-order', 'ar-normal', 'words[(i % 4) as 0 | 1 | 2 | 3]))', 'words[(3 - (i % 4)) as 0 | 1 | 2 | 3]))'],
  ]),
]

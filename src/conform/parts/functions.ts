/** The functions of section 6 that a port is asked for by name: of numbers, of a row, or of whole numbers. [pr-parts] */

import { ACTIVATIONS } from '../../numeric/activation.js'
import { exp, log, softmax } from '../../numeric/elementary.js'
import type { Matrix } from '../../numeric/matrix.js'
import { below, keyOf, normalOf, philox, split, unitInterval, wordAt, type Key, type Words } from '../../numeric/random.js'

/** What a whole number among the arguments may be. */
export type Kind = 'word' | 'whole' | 'count'

/** The smallest and the largest of each kind. */
export const RANGES: Readonly<Record<Kind, readonly [number, number]>> = {
  word: [0, 2 ** 32 - 1],
  whole: [0, 2 ** 53 - 1],
  count: [1, 2 ** 32 - 1],
}

/** A function that is asked for: what it reads and gives, and the clause that defines it. */
export interface NamedFunction {
  readonly clause: string
  /** of a tensor, in the same shape */
  readonly ofTensor?: (x: Matrix) => Matrix
  /** of so many whole numbers, each of its kind; words come out */
  readonly ofWhole?: { readonly kinds: readonly Kind[]; readonly apply: (...whole: readonly number[]) => readonly number[] }
  /** of each of some words, a number */
  readonly ofWords?: (word: number) => number
  /** it selects or is exact, so that no rounding can tell two of them apart */
  readonly exact?: true
}

const { fround } = Math

const each = (clause: string, f: (x: number) => number, more: Partial<NamedFunction> = {}): NamedFunction => ({
  clause,
  ofTensor: ({ rows, cols, data }) => ({ rows, cols, data: Float32Array.from(data, f) }),
  ...more,
})

const unit = (name: keyof typeof ACTIVATIONS): NamedFunction => each('ar-units', ACTIVATIONS[name])
const selecting = (name: keyof typeof ACTIVATIONS): NamedFunction => each('ar-units', ACTIVATIONS[name], { exact: true })

const KEY: readonly Kind[] = ['word', 'word']

/** By name, in the order of SPEC.md. */
export const FUNCTIONS: Readonly<Record<string, NamedFunction>> = {
  exp: each('ar-exp', exp),
  log: each('ar-log', log),
  tanh: each('ar-tanh', ACTIVATIONS.tanh),
  sigmoid: each('ar-sigmoid', ACTIVATIONS.sigmoid),
  softmax: { clause: 'ar-softmax', ofTensor: softmax },
  relu: selecting('relu'),
  relu6: selecting('relu6'),
  ltanh: unit('ltanh'),
  sign: selecting('sign'),
  step: selecting('step'),
  philox: {
    clause: 'ar-philox',
    ofWhole: {
      kinds: ['word', 'word', 'word', 'word', ...KEY],
      apply: (c0, c1, c2, c3, k0, k1) => philox([c0, c1, c2, c3] as unknown as Words, [k0, k1] as unknown as Key),
    },
  },
  key: { clause: 'ar-key', ofWhole: { kinds: ['whole'], apply: (seed) => keyOf(seed!) } },
  split: { clause: 'ar-key', ofWhole: { kinds: [...KEY, 'whole'], apply: (k0, k1, i) => split([k0!, k1!], i!) } },
  word: { clause: 'ar-uniform', ofWhole: { kinds: [...KEY, 'whole'], apply: (k0, k1, i) => [wordAt([k0!, k1!], i!)] } },
  below: {
    clause: 'ar-uniform',
    ofWhole: { kinds: ['count', ...KEY, 'whole'], apply: (n, k0, k1, i) => [below(n!, [k0!, k1!], i!)] },
  },
  unit: { clause: 'ar-uniform', ofWords: unitInterval, exact: true },
  normal: { clause: 'ar-normal', ofWords: (word) => fround(normalOf(word)) },
}

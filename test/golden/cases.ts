/** The values of the authors' own class (README.md here), for whoever is compared with them. No line of this knows src. */

import { readFileSync } from 'node:fs'

export type Tensors = Readonly<Record<string, number[][]>>

export interface GoldenCase {
  readonly config: Readonly<
    Record<'X' | 'H' | 'B' | 'radius' | 'beta' | 'alpha' | 'gamma' | 'L1' | 'rate' | 'momentum', number>
  > & { readonly name: string; readonly act: string; readonly out: Output; readonly temporal: boolean }
  readonly weights: Tensors
  readonly inputs: readonly number[][][]
  readonly masks: readonly number[][]
  readonly steps: readonly Tensors[]
}

type Output = 'softmax' | 'sigmoid' | 'identity'

export const cases = JSON.parse(readFileSync(new URL('./released.json', import.meta.url), 'utf8')) as readonly GoldenCase[]

/** The fields of the configuration that a case sets; the others are those of `released`. */
export const fieldsOf = ({ config: c }: GoldenCase) => ({
  units: [c.X, c.H, c.H],
  activation: (c.act === 'gte' ? 'step' : c.act) as 'tanh' | 'step',
  output: c.out,
  clip: c.radius,
  beta: c.beta,
  alpha: c.alpha,
  lambda: c.L1,
  gamma: c.gamma,
  errorRule: c.temporal ? ('temporal' as const) : ('transposed' as const),
  rate: c.rate,
  momentum: c.momentum,
})

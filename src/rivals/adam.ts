/** The optimiser of all rivals: gradients clipped by the norm of all together, then Adam as O3 has it. */

import type { Algebra } from './algebra.js'
import { zeros } from './algebra.js'
import type { Moments, RivalConfig, Tensors } from './rival.js'

const { fround, sqrt } = Math

export const BETA1 = fround(0.9)
export const BETA2 = fround(0.999)
export const EPSILON = fround(1e-8)

/** f of each tensor. */
export const mapTensors = (f: (tensor: Tensors[string], name: string) => Tensors[string], tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, f(tensor, name)]))

/** Before the first update: moments +0, for the weights that learn. */
export const initialMoments = (algebra: Algebra, learned: Tensors): Moments => {
  const nothing = mapTensors(({ rows, cols }) => zeros(algebra, rows, cols), learned)
  return { first: nothing, second: nothing, power1: 1, power2: 1 }
}

/** The norm of all gradients as of one vector. */
const normOf = (gradients: Tensors): number => {
  let sum = 0
  for (const { data } of Object.values(gradients)) for (let i = 0; i < data.length; i++) sum += data[i]! * data[i]!
  return sqrt(sum)
}

/** 1 where the norm is at most `clip`, or that is 0; else what brings it there. */
const shrink = (clip: number, gradients: Tensors): number => {
  const norm = clip > 0 ? normOf(gradients) : 0
  return norm > clip ? clip / norm : 1
}

/** The weights moved by their gradients; those without a gradient stay as they are. */
export const adam = (
  { numbers }: Algebra,
  { rate: given, clip }: Pick<RivalConfig, 'rate' | 'clip'>,
  weights: Tensors,
  moments: Moments,
  gradients: Tensors,
): { readonly weights: Tensors; readonly optimizer: Moments } => {
  const [power1, power2] = [fround(moments.power1 * BETA1), fround(moments.power2 * BETA2)]
  const [unbias1, unbias2] = [fround(1 / fround(1 - power1)), fround(1 / fround(1 - power2))]
  const [keep1, keep2] = [fround(1 - BETA1), fround(1 - BETA2)]
  const [rate, factor] = [fround(given), shrink(clip, gradients)]
  const [moved, first, second]: Record<string, Tensors[string]>[] = [{}, {}, {}]
  for (const [name, { rows, cols, data }] of Object.entries(gradients)) {
    const [w, m0, v0] = [weights[name]!.data, moments.first[name]!.data, moments.second[name]!.data]
    const [w1, m, v] = [numbers(data.length), numbers(data.length), numbers(data.length)]
    for (let i = 0; i < data.length; i++) {
      const d = fround(factor * data[i]!)
      m[i] = fround(fround(BETA1 * m0[i]!) + fround(keep1 * d))
      v[i] = fround(fround(BETA2 * v0[i]!) + fround(keep2 * fround(d * d)))
      const size = fround(fround(sqrt(fround(unbias2 * v[i]!))) + EPSILON)
      w1[i] = fround(w[i]! - fround(fround(rate * fround(unbias1 * m[i]!)) / size))
    }
    moved![name] = { rows, cols, data: w1 }
    first![name] = { rows, cols, data: m }
    second![name] = { rows, cols, data: v }
  }
  return { weights: { ...weights, ...moved }, optimizer: { first: first!, second: second!, power1, power2 } }
}

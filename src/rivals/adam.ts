/** The optimiser of all rivals: gradients clipped by the norm of all together, then Adam as O3 has it. */

import type { Algebra } from './algebra.js'
import { zeros } from './algebra.js'
import { BETA1, BETA2, type Moving } from './moved.js'
import type { Moments, RivalConfig, Tensors } from './rival.js'

const { fround, sqrt } = Math

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
  algebra: Algebra,
  { rate, clip }: Pick<RivalConfig, 'rate' | 'clip'>,
  weights: Tensors,
  moments: Moments,
  gradients: Tensors,
): { readonly weights: Tensors; readonly optimizer: Moments } => {
  const [power1, power2] = [fround(moments.power1 * BETA1), fround(moments.power2 * BETA2)]
  const step = { factor: shrink(clip, gradients), rate, power1, power2 }
  const moved = Object.entries(gradients).map(([name, gradient]) => {
    const [weight, first, second] = [weights[name]!, moments.first[name]!, moments.second[name]!]
    return [name, algebra.moved(step, { weight, first, second }, gradient)] as const
  })
  const all = (part: keyof Moving): Tensors => Object.fromEntries(moved.map(([name, moving]) => [name, moving[part]]))
  return { weights: { ...weights, ...all('weight') }, optimizer: { first: all('first'), second: all('second'), power1, power2 } }
}

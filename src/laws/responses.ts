/** Responses of units for the laws to put in the place of f. */

import { ACTIVATIONS } from '../numeric/activation.js'
import { philox, unitInterval } from '../numeric/random.js'
import type { Response } from './rule.js'

/** How often a response, and its slope, were asked for. */
export interface Calls {
  value: number
  derivative: number
}

/** A response that counts. */
export const counted = (f: Response, calls: Calls): Response =>
  Object.assign(
    (a: number) => {
      calls.value++
      return f(a)
    },
    {
      derivative: (a: number) => {
        calls.derivative++
        return f.derivative(a)
      },
    },
  )

const response = (f: (a: number) => number, derivative: (a: number) => number): Response => Object.assign(f, { derivative })

export const tanh: Response = response(
  (a) => ACTIVATIONS.tanh(a),
  (a) => 1 - ACTIVATIONS.tanh(a) ** 2,
)
/** Without a slope wherever one is asked for. */
export const sign: Response = response(
  (a) => ACTIVATIONS.sign(a),
  () => 0,
)
export const step: Response = response(
  (a) => ACTIVATIONS.step(a),
  () => 0,
)

/** A number from [0, 1) for each number, without any order. */
const hash = (a: number, seed: number): number => {
  const [word] = new Uint32Array(new Float32Array([a]).buffer)
  return unitInterval(philox([word!, 0, 0, 0], [seed, 0])[0])
}

/** A table of random values from [-1, 1): it has no slope anywhere. */
export const table = (seed: number): Response =>
  response(
    (a) => 2 * hash(a, seed) - 1,
    () => NaN,
  )

/** The same within `off`, anywhere up or down. */
export const shaken = (f: Response, off: number, seed: number): Response =>
  response((a) => f(a) + off * (2 * hash(a, seed) - 1), f.derivative)

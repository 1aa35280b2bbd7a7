/**
 * Temporal predictive coding (B. Millidge, M. Tang, M. Osanlouy, N. Harper, R. Bogacz, "Predictive coding networks for
 * temporal prediction", 2023), with a latent z and f = tanh:
 *
 *   z^ = f(z[t-1]) W + x[t-1] U + b,   p = g(f(z^) V + c), which is scored before x is seen
 *   E = |z - z^|^2 / 2 + loss(x, g(f(z) V + c)), from z = z^ descended in `passes` passes of z <- z - rate dE/dz
 *
 * The weights then go down E at the z that was found, which no step but this had a part in: each by what is on its two sides,
 * an error and an activity. A row without data has nothing to infer: its z stays z^. Scored with weights that stay, z is
 * inferred all the same. Adam moves the weights by the mean of E over the batch.
 */

import { wholeFrom } from '../fields.js'
import type { Matrix } from '../numeric/matrix.js'
import type { Input } from '../ptncn/state.js'
import { add, addRow, columnSums, each, scaleRows, zeros, type Algebra } from './algebra.js'
import { initialWeights } from './cell.js'
import { elman } from './elman.js'
import { predict } from './readout.js'
import { requireSettings, size, type Rival, type RivalConfig, type Tensors } from './rival.js'
import { stepwiseRival, type Stepped } from './stepwise.js'

type Output = RivalConfig['output']

/** What temporal predictive coding has beside what all rivals have. */
export interface TpcSettings {
  /** K, the passes of inference of a step */
  readonly passes: number
  /** the size of a pass */
  readonly inferenceRate: number
}

/** Enough to go most of the way; what is better is worth a search. */
export const TPC_DEFAULTS: TpcSettings = { passes: 10, inferenceRate: 0.1 }

const KINDS = { passes: wholeFrom(1), inferenceRate: size }

/** The errors of z (B x n) and of the prediction that is read from it (B x m), and f(z). */
export interface Errors {
  readonly f: Matrix
  readonly latent: Matrix
  readonly output: Matrix
}

/** z - z^ and, where a row has data, p - x. */
export const errorsAt = (
  algebra: Algebra,
  output: Output,
  weights: Tensors,
  expected: Matrix,
  { x, mask }: Input,
  z: Matrix,
): Errors => {
  const f = algebra.tanh(z)
  const p = predict(algebra, output, weights, f)
  const difference = (a: Matrix, b: Matrix): Matrix => each(algebra, (a, b) => a - b, a, b)
  return { f, latent: difference(z, expected), output: scaleRows(algebra, mask, difference(p, x)) }
}

/** dE/dz of each row. */
export const slopeOf = (algebra: Algebra, { V }: Tensors, { f, latent, output }: Errors): Matrix =>
  each(algebra, (own, back, f) => own + (1 - f * f) * back, latent, algebra.productRightTransposed(output, V!), f)

/** z after the passes, from z^. */
export const infer = (
  algebra: Algebra,
  output: Output,
  { passes, inferenceRate }: TpcSettings,
  weights: Tensors,
  expected: Matrix,
  input: Input,
): Matrix => {
  let z = expected
  for (let pass = 0; pass < passes; pass++) {
    const slope = slopeOf(algebra, weights, errorsAt(algebra, output, weights, expected, input, z))
    z = each(algebra, (z, slope) => z - inferenceRate * slope, z, slope)
  }
  return z
}

/** By each weight, the mean of E over the rows, z held; `before` is f(z[t-1]). */
const gradientOf = (algebra: Algebra, before: Matrix, x: Matrix, { f, latent, output }: Errors): Tensors => {
  const [own, read] = [latent, output].map((error) => each(algebra, (e) => e / x.rows, error)) as [Matrix, Matrix]
  const against = each(algebra, (e) => -e, own)
  return {
    W: algebra.productLeftTransposed(before, against),
    U: algebra.productLeftTransposed(x, against),
    b: columnSums(algebra, against),
    V: algebra.productLeftTransposed(f, read),
    c: columnSums(algebra, read),
  }
}

/** z^, and the f(z[t-1]) that it comes from. */
const expect = (algebra: Algebra, { W, U, b }: Tensors, { z, x }: Tensors): { before: Matrix; expected: Matrix } => {
  const before = algebra.tanh(z!)
  const drive = addRow(algebra, algebra.product(x!, U!), b!)
  return { before, expected: add(algebra, algebra.product(before, W!), drive) }
}

/** One step: the prediction, then the inference, then what the weights are to learn. */
export const step = (
  algebra: Algebra,
  output: Output,
  settings: TpcSettings,
  weights: Tensors,
  state: Tensors,
  input: Input,
  learning: boolean,
): Stepped => {
  const { before, expected } = expect(algebra, weights, state)
  const z = infer(algebra, output, settings, weights, expected, input)
  const stepped = { prediction: predict(algebra, output, weights, algebra.tanh(expected)), state: { z, x: input.x } }
  if (!learning) return stepped
  const errors = errorsAt(algebra, output, weights, expected, input, z)
  return { ...stepped, gradient: gradientOf(algebra, before, state.x!, errors) }
}

/** Temporal predictive coding (Millidge et al., 2023). @throws ConfigError naming the first setting that it cannot have */
export const tpc = (algebra: Algebra, config: RivalConfig, settings: TpcSettings): Rival => {
  requireSettings(settings, KINDS)
  return stepwiseRival(algebra, config, {
    name: 'tpc',
    weights: (key) => initialWeights(algebra, elman, config, key),
    start: (rows) => ({ z: zeros(algebra, rows, config.units), x: zeros(algebra, rows, config.inputs) }),
    step: (...of) => step(algebra, config.output, settings, ...of),
  })
}

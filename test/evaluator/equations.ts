/**
 * The equations A1 to L6 but for A2 and P1's g (functions.ts), one pure function each, in binary64. Scalars
 * are rounded to binary32 on entry, as the specification has it; signals and weights are taken as they come.
 */

import { at, build, elementwise, gamma, product, size, transpose, width } from './bound.js'
import type { Judged, Rows } from './bound.js'
import { sign } from './functions.js'

const { fround } = Math
const active = (mask: readonly number[], i: number): boolean => mask[i] !== 0

/**
 * The sum of parts that were formed apart. `roundings` counts those of the term that is rounded most often.
 */
function sumOf(parts: readonly Pick<Judged, 'value' | 'scale'>[], roundings: number): Judged {
  const like = parts[0]?.value ?? []
  const add = (i: number, j: number, pick: (part: Pick<Judged, 'value' | 'scale'>) => Rows) =>
    parts.reduce((total, part) => total + at(pick(part), i, j), 0)
  return elementwise(like, gamma(roundings), (i, j) => [add(i, j, (part) => part.value), add(i, j, (part) => part.scale)])
}

/** A row vector under every row of `like`. It is a term by itself: its scale is its absolute value. */
function repeated(row: Rows, like: Rows): Pick<Judged, 'value' | 'scale'> {
  const n = width(row)
  return {
    value: build(like.length, n, (_, j) => at(row, 0, j)),
    scale: build(like.length, n, (_, j) => Math.abs(at(row, 0, j))),
  }
}

/**
 * A1  a_l = below M_l + above U_l + own V_l + b_l; all three states are y[t-1] (below: x[t-1] for l = 1).
 * Scale: all absolute products and |bias|. Units: the largest fan-in, and one for each addition between the
 * parts.
 */
export function A1(terms: {
  readonly below: Rows
  readonly M: Rows
  readonly above?: Rows | undefined
  readonly U?: Rows | undefined
  readonly own: Rows
  readonly V: Rows
  readonly b?: Rows | undefined
}): Judged {
  const { below, M, above, U, own, V, b } = terms
  const control = above !== undefined && U !== undefined ? [product(above, U)] : []
  const bias = b === undefined ? [] : [repeated(b, own)]
  const parts = [product(below, M), ...control, product(own, V), ...bias]
  const fanIn = Math.max(M.length, U?.length ?? 0, V.length)
  return sumOf(parts, fanIn + parts.length - 1)
}

/** P1, first half: logits_(l-1) = z_l W_l + c_(l-1). Units: fan-in, and one for the bias. */
export function P1_logits(z: Rows, W: Rows, c?: Rows): Judged {
  const drive = product(z, W)
  return c === undefined ? drive : sumOf([drive, repeated(c, z)], W.length + 1)
}

/** m * (left - right), the form of C1 and C4. Scale |left| + |right|; 1 unit: the mask is exact. */
const maskedDifference = (left: Rows, right: Rows, mask: readonly number[]): Judged =>
  elementwise(left, gamma(1), (i, j) =>
    active(mask, i) ? [at(left, i, j) - at(right, i, j), Math.abs(at(left, i, j)) + Math.abs(at(right, i, j))] : [0, 0],
  )

/** C1  e_l = m * (p_l - z_l), z_0 being x. 1 unit of |p| + |z|. */
export const C1 = (p: Rows, z: Rows, mask: readonly number[]): Judged => maskedDifference(p, z, mask)

/**
 * C2  c_l = e_(l-1) E_l - alpha e_l + lambda sign(a_l); no e_l at the top. Scale: the absolute terms.
 * Units: the fan-in of E, one for the subtraction below the top, one for an addition of lambda other than 0.
 * (The term alpha e has its own product instead of the fan-in, hence never more roundings.)
 */
export function C2(terms: {
  readonly below: Rows
  readonly E: Rows
  readonly e?: Rows | undefined
  readonly a: Rows
  readonly alpha: number
  readonly lambda: number
}): Judged {
  const { below, E, e, a } = terms
  const alpha = fround(terms.alpha)
  const lambda = fround(terms.lambda)
  const drive = product(below, E)
  const roundings = E.length + (e === undefined ? 0 : 1) + (lambda === 0 ? 0 : 1)
  return elementwise(drive.value, gamma(roundings), (i, j) => {
    const leak = e === undefined ? 0 : alpha * at(e, i, j)
    const sparse = lambda * sign(at(a, i, j))
    return [at(drive.value, i, j) - leak + sparse, at(drive.scale, i, j) + size(leak) + Math.abs(sparse)]
  })
}

/** C3, first half: a - beta h (the second is A2). Scale |a| + |beta h|; 2 units: product and subtraction. */
export function C3(a: Rows, h: Rows, beta: number): Judged {
  const beta32 = fround(beta)
  return elementwise(a, gamma(2), (i, j) => {
    const change = beta32 * at(h, i, j)
    return [at(a, i, j) - change, Math.abs(at(a, i, j)) + size(change)]
  })
}

/** C4  d_l = m * (z_l of A2 - y_l). 1 unit of |z| + |y|. */
export const C4 = (z: Rows, y: Rows, mask: readonly number[]): Judged => maskedDifference(z, y, mask)

/** C4 where it is of the drive: the same of a and a^K, 0 exactly where |a| is not below a window above 0. */
export function C4_drive(a: Rows, aAfter: Rows, mask: readonly number[], window: number): Judged {
  const whole = maskedDifference(a, aAfter, mask)
  const counts = (i: number, j: number): boolean => !(window > 0) || Math.abs(at(a, i, j)) < fround(window)
  return elementwise(a, gamma(1), (i, j) => (counts(i, j) ? [at(whole.value, i, j), at(whole.scale, i, j)] : [0, 0]))
}

/** before' after, summed over the B rows. Units: B. */
const synapse = (before: Rows, after: Rows): Judged => product(transpose(before), after)

/** L1  dW_l = z_l' signal: e_(l-1) at l = 1; above, d_(l-1) (`correction`) or e_(l-1) (`error`). Units: B. */
export const L1 = (z: Rows, signal: Rows): Judged => synapse(z, signal)

/**
 * L2, `transposed`: dE_l = gamma Q', Q being the clipped dW_l (the raw one for `mean-clip`). 1 unit of |dE|.
 */
export function L2_transposed(Q: Rows, gammaE: number): Judged {
  const factor = fround(gammaE)
  const turned = transpose(Q)
  return elementwise(turned, gamma(1), (i, j) => {
    const dE = factor * at(turned, i, j)
    return [dE, size(dE)]
  })
}

/**
 * L2, `temporal`: dE_l = -gamma (e_(l-1)' (d_l - d_l[t-1])). Scale gamma sum |e| (|d| + |d[t-1]|).
 * Units: B, one for the difference, one for gamma.
 */
export function L2_temporal(e: Rows, d: Rows, dBefore: Rows, gammaE: number): Judged {
  const factor = fround(gammaE)
  const before = transpose(e)
  const absolute = (m: Rows) => m.map((row) => row.map(Math.abs))
  const change = d.map((row, i) => row.map((x, j) => x - at(dBefore, i, j)))
  const spread = d.map((row, i) => row.map((x, j) => Math.abs(x) + Math.abs(at(dBefore, i, j))))
  const value = product(before, change).value
  const scale = product(absolute(before), spread).scale
  return elementwise(value, gamma(e.length + 2), (i, j) => [-factor * at(value, i, j), size(factor * at(scale, i, j))])
}

/** L3  dM_l = (y_(l-1)[t-1])' d_l; `uncorrected`: z_(l-1)[t-1]; at l = 1 x[t-1] in both. Units: B. */
export const L3 = (before: Rows, d: Rows): Judged => synapse(before, d)

/** L4  dV_l = (y_l[t-1])' d_l; `uncorrected`: z_l[t-1]. Units: B. */
export const L4 = (before: Rows, d: Rows): Judged => synapse(before, d)

/** L5  dU_l = (y_(l+1)[t-1])' d_l; `uncorrected`: z_(l+1)[t-1]. Units: B. */
export const L5 = (before: Rows, d: Rows): Judged => synapse(before, d)

/** L6  db_l or dc_l: d_l or e_l summed over the rows, 1 x n_l. Nothing but B - 1 additions: B - 1 units. */
export function L6(signal: Rows): Judged {
  const sum = (f: (x: number) => number) =>
    build(1, width(signal), (_, j) => signal.reduce((total, _row, i) => total + f(at(signal, i, j)), 0))
  return { value: sum((x) => x), scale: sum(Math.abs), allowed: gamma(signal.length - 1) }
}

/**
 * What is done element by element to signals: activations, differences, corrections. [A1] [A2] [C1] [C2] [C3] [C4]
 *
 * Signals lie in panels of eight columns (see product.ts); a share of a worker is a run of whole panels, `panels` of
 * them, each of `batch` rows. Columns beyond the last are kept +0, so that they add nothing to a sum.
 */

import { Unit } from '../numbers'
import { number, select, sigmoid, size, tanh } from './elementary'

const ROW: usize = 32

/** The largest size of a number that was looked at since it was last asked for, as bits: above all finite ones, not finite. */
let largest: v128 = i32x4.splat(0)

@inline export function look(value: v128): void { largest = i32x4.max_u(largest, size(value)) }

/** Whether a NaN or an infinity was seen since the last question. [ar-finite] */
export function sawNonFinite(): bool {
  const found = v128.any_true(i32x4.gt_u(largest, i32x4.splat(0x7f7fffff)))
  largest = i32x4.splat(0)
  return found
}

/** Looks at all numbers of a run of memory. */
export function check(at: usize, bytes: usize): void {
  let most = largest
  for (let end = at + bytes; at < end; at += 16) most = i32x4.max_u(most, size(v128.load(at)))
  largest = most
}

/** +0 in the columns of the last panel from `used` (1 to 8) on. `at` is that panel. */
export function clearPads(at: usize, batch: i32, used: i32): void {
  for (let end = at + (<usize>batch << 5); at < end; at += ROW) {
    for (let j = used; j < 8; j++) store<f32>(at + (<usize>j << 2), 0)
  }
}

@inline function keepNaN(a: v128, value: v128): v128 { return v128.or(value, v128.and(a, f32x4.ne(a, a))) }
@inline function relu(a: v128): v128 { return v128.andnot(a, f32x4.le(a, f32x4.splat(0))) }

@inline export function sign(a: v128): v128 {
  const zero = f32x4.splat(0)
  const above = v128.and(f32x4.gt(a, zero), f32x4.splat(1)), below = v128.and(f32x4.lt(a, zero), f32x4.splat(-1))
  return keepNaN(a, v128.or(above, below))
}

@inline function unit(kind: i32, a: v128): v128 {
  switch (kind) {
    case Unit.tanh: return tanh(a)
    case Unit.sigmoid: return sigmoid(a)
    case Unit.relu: return relu(a)
    case Unit.relu6: return select(f32x4.gt(a, f32x4.splat(6)), f32x4.splat(6), relu(a))
    case Unit.ltanh: return f32x4.mul(number(0x3fdba29c), tanh(f32x4.mul(number(0x3f2aaaab), a)))
    case Unit.sign: return sign(a)
    case Unit.step: return keepNaN(a, v128.and(f32x4.ge(a, f32x4.splat(0)), f32x4.splat(1)))
    default: return a
  }
}

/** The activations, by its number. [ar-units] */
export function activate(kind: i32, a: usize, z: usize, bytes: usize): void {
  for (let end = a + bytes; a < end; a += 16, z += 16) v128.store(z, unit(kind, v128.load(a)))
}

/** The bias, one number a column, added to each row. */
export function addBias(a: usize, bias: usize, batch: i32, panels: i32): void {
  for (let p = 0; p < panels; p++) {
    const left = v128.load(bias), right = v128.load(bias, 16)
    for (let r = 0; r < batch; r++, a += ROW) {
      v128.store(a, f32x4.add(v128.load(a), left))
      v128.store(a, f32x4.add(v128.load(a, 16), right), 16)
    }
    bias += ROW
  }
}

/** out = m (left - right), row by row. [C1] [C4] */
export function difference(mask: usize, left: usize, right: usize, out: usize, batch: i32, panels: i32): void {
  for (let p = 0; p < panels; p++) {
    for (let r: usize = 0; r < <usize>batch; r++) {
      const m = v128.load32_splat(mask + (r << 2))
      v128.store(out, f32x4.mul(m, f32x4.sub(v128.load(left), v128.load(right))))
      v128.store(out, f32x4.mul(m, f32x4.sub(v128.load(left, 16), v128.load(right, 16))), 16)
      left += ROW; right += ROW; out += ROW
    }
  }
}

/** out = left - right, element by element: d_l - d_l[t-1] of the temporal rule. [L2] */
export function subtract(left: usize, right: usize, out: usize, bytes: usize): void {
  for (let end = left + bytes; left < end; left += 16, right += 16, out += 16) {
    v128.store(out, f32x4.sub(v128.load(left), v128.load(right)))
  }
}

/** C2 from its product on, and C3 before f: `c` holds e_(l-1) E_l, `e` is e_l or 0 at the top; a becomes a - beta c. */
export function correct(c: usize, e: usize, a: usize, alpha: f32, lambda: f32, beta: f32, bytes: usize): void {
  const alphas = f32x4.splat(alpha), lambdas = f32x4.splat(lambda), betas = f32x4.splat(beta)
  for (let end = a + bytes; a < end; a += 16, c += 16) {
    const old = v128.load(a)
    let sum = v128.load(c)
    if (e) {
      sum = f32x4.sub(sum, f32x4.mul(alphas, v128.load(e)))
      e += 16
    }
    sum = f32x4.add(sum, f32x4.mul(lambdas, sign(old)))
    v128.store(a, f32x4.sub(old, f32x4.mul(betas, sum)))
  }
}

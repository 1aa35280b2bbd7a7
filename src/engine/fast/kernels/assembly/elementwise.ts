/**
 * What is done element by element to signals: activations, differences, corrections. [A1] [A2] [C1] [C2] [C3] [C4]
 *
 * Signals lie in panels of eight columns (see product.ts). A share of a worker is `panels` panels of them, and of each
 * `rows` of its `batch` rows; addresses are those of the first row of the share. Columns beyond the last are kept +0, so
 * that they add nothing to a sum. The two halves of a row end in neighbouring stores, see wide.ts.
 */

import { Unit } from '../numbers'
import { number, select, sigmoid, size, tanh } from './elementary'

const ROW: usize = 32

/** The largest size of a number that was looked at since it was last asked for, as bits: above all finite ones, not finite. */
let largest: v128 = i32x4.splat(0)

@inline export function look(value: v128): void { largest = i32x4.max_u(largest, size(value)) }

/** Whether a size above `most` (as bits) was seen since the last question; of a NaN the size is above all. [ar-finite] */
export function sawAbove(most: i32): bool {
  const found = v128.any_true(i32x4.gt_u(largest, i32x4.splat(most)))
  largest = i32x4.splat(0)
  return found
}

/** Bytes from the last row of a share in one panel to the first in the next. */
@inline function skipped(rows: i32, batch: i32): usize { return <usize>(batch - rows) << 5 }

/** Looks at all numbers of a share. */
export function check(at: usize, rows: i32, batch: i32, panels: i32): void {
  const skip = skipped(rows, batch)
  let most = largest
  for (let p = 0; p < panels; p++, at += skip) {
    for (let end = at + (<usize>rows << 5); at < end; at += ROW) {
      most = i32x4.max_u(i32x4.max_u(most, size(v128.load(at))), size(v128.load(at, 16)))
    }
  }
  largest = most
}

/** +0 in the columns of the last panel from `used` (1 to 8) on. `at` is the first of `rows` rows in that panel. */
export function clearPads(at: usize, rows: i32, used: i32): void {
  for (let end = at + (<usize>rows << 5); at < end; at += ROW) {
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
  if (kind == Unit.tanh) return tanh(a)
  if (kind == Unit.sigmoid) return sigmoid(a)
  if (kind == Unit.relu) return relu(a)
  if (kind == Unit.relu6) return select(f32x4.gt(a, f32x4.splat(6)), f32x4.splat(6), relu(a))
  if (kind == Unit.ltanh) return f32x4.mul(number(0x3fdba29c), tanh(f32x4.mul(number(0x3f2aaaab), a)))
  if (kind == Unit.sign) return sign(a)
  if (kind == Unit.step) return keepNaN(a, v128.and(f32x4.ge(a, f32x4.splat(0)), f32x4.splat(1)))
  return a
}

/** A constant `kind` leaves one activation. */
@inline function sweep(kind: i32, a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  const skip = skipped(rows, batch)
  for (let p = 0; p < panels; p++, a += skip, z += skip) {
    for (let end = a + (<usize>rows << 5); a < end; a += ROW, z += ROW) {
      const left = unit(kind, v128.load(a)), right = unit(kind, v128.load(a, 16))
      v128.store(z, left); v128.store(z, right, 16)
    }
  }
}

/** The activations, each a function of its own: in one, their loops become one loop that branches at every number. [ar-units] */
export function activateTanh(a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  sweep(Unit.tanh, a, z, rows, batch, panels)
}
export function activateSigmoid(a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  sweep(Unit.sigmoid, a, z, rows, batch, panels)
}
export function activateRelu(a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  sweep(Unit.relu, a, z, rows, batch, panels)
}
export function activateRelu6(a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  sweep(Unit.relu6, a, z, rows, batch, panels)
}
export function activateLtanh(a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  sweep(Unit.ltanh, a, z, rows, batch, panels)
}
export function activateSign(a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  sweep(Unit.sign, a, z, rows, batch, panels)
}
export function activateStep(a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  sweep(Unit.step, a, z, rows, batch, panels)
}
export function activateIdentity(a: usize, z: usize, rows: i32, batch: i32, panels: i32): void {
  sweep(Unit.identity, a, z, rows, batch, panels)
}

/** The bias, one number a column, added to each row. */
export function addBias(a: usize, bias: usize, rows: i32, batch: i32, panels: i32): void {
  const skip = skipped(rows, batch)
  for (let p = 0; p < panels; p++, a += skip, bias += ROW) {
    for (let end = a + (<usize>rows << 5); a < end; a += ROW) {
      const left = f32x4.add(v128.load(a), v128.load(bias)), right = f32x4.add(v128.load(a, 16), v128.load(bias, 16))
      v128.store(a, left); v128.store(a, right, 16)
    }
  }
}

/** out = m (left - right), row by row; `mask` is that of the first row. [C1] [C4] */
export function difference(
  mask: usize, left: usize, right: usize, out: usize, rows: i32, batch: i32, panels: i32,
): void {
  const skip = skipped(rows, batch)
  for (let p = 0; p < panels; p++, left += skip, right += skip, out += skip) {
    let m = mask
    for (let end = left + (<usize>rows << 5); left < end; left += ROW, right += ROW, out += ROW, m += 4) {
      const own = v128.load32_splat(m)
      const low = f32x4.mul(own, f32x4.sub(v128.load(left), v128.load(right)))
      const high = f32x4.mul(own, f32x4.sub(v128.load(left, 16), v128.load(right, 16)))
      v128.store(out, low); v128.store(out, high, 16)
    }
  }
}

/** A share of a signal, from `a` to `d`. */
export function keep(a: usize, d: usize, rows: i32, batch: i32, panels: i32): void {
  for (; panels > 0; panels--, a += <usize>batch << 5, d += <usize>batch << 5) memory.copy(d, a, <usize>rows << 5)
}

/** d = m (d - a), where `d` holds the drive before the settling, and |d| is below the window: 0 or less is all. [C4] */
export function drive(mask: usize, a: usize, d: usize, window: f32, rows: i32, batch: i32, panels: i32): void {
  const skip = skipped(rows, batch), limit = f32x4.splat(window > 0 ? window : Infinity), all = window > 0 ? 0 : -1
  const everywhere = i32x4.splat(all)
  for (let p = 0; p < panels; p++, a += skip, d += skip) {
    let m = mask
    for (let end = a + (<usize>rows << 5); a < end; a += ROW, d += ROW, m += 4) {
      const own = v128.load32_splat(m), left = v128.load(d), right = v128.load(d, 16)
      const low = v128.or(f32x4.lt(size(left), limit), everywhere), high = v128.or(f32x4.lt(size(right), limit), everywhere)
      const first = f32x4.mul(own, v128.and(low, f32x4.sub(left, v128.load(a))))
      const second = f32x4.mul(own, v128.and(high, f32x4.sub(right, v128.load(a, 16))))
      v128.store(d, first); v128.store(d, second, 16)
    }
  }
}

/** out = left - right, element by element: d_l - d_l[t-1] of the temporal rule. [L2] */
export function subtract(left: usize, right: usize, out: usize, rows: i32, batch: i32, panels: i32): void {
  const skip = skipped(rows, batch)
  for (let p = 0; p < panels; p++, left += skip, right += skip, out += skip) {
    for (let end = left + (<usize>rows << 5); left < end; left += ROW, right += ROW, out += ROW) {
      const low = f32x4.sub(v128.load(left), v128.load(right)), high = f32x4.sub(v128.load(left, 16), v128.load(right, 16))
      v128.store(out, low); v128.store(out, high, 16)
    }
  }
}

/** C2 and C3 of four numbers; a constant `inner` says whether there is an error of their own. */
@inline function corrected(inner: bool, c: v128, e: v128, a: v128, alphas: v128, lambdas: v128, betas: v128): v128 {
  let sum = inner ? f32x4.sub(c, f32x4.mul(alphas, e)) : c
  sum = f32x4.add(sum, f32x4.mul(lambdas, sign(a)))
  return f32x4.sub(a, f32x4.mul(betas, sum))
}

@inline function correctAll(
  inner: bool, c: usize, e: usize, a: usize, alpha: f32, lambda: f32, beta: f32, rows: i32, batch: i32, panels: i32,
): void {
  const alphas = f32x4.splat(alpha), lambdas = f32x4.splat(lambda), betas = f32x4.splat(beta), none = f32x4.splat(0)
  const skip = skipped(rows, batch)
  for (let p = 0; p < panels; p++, a += skip, c += skip, e += skip) {
    for (let end = a + (<usize>rows << 5); a < end; a += ROW, c += ROW, e += ROW) {
      const low = inner ? v128.load(e) : none, high = inner ? v128.load(e, 16) : none
      const left = corrected(inner, v128.load(c), low, v128.load(a), alphas, lambdas, betas)
      const right = corrected(inner, v128.load(c, 16), high, v128.load(a, 16), alphas, lambdas, betas)
      v128.store(a, left); v128.store(a, right, 16)
    }
  }
}

/** C2 from its product on, and C3 before f: `c` holds e_(l-1) E_l, `e` is e_l or 0 at the top; a becomes a - beta c. */
export function correct(
  c: usize, e: usize, a: usize, alpha: f32, lambda: f32, beta: f32, rows: i32, batch: i32, panels: i32,
): void {
  if (e) correctAll(true, c, e, a, alpha, lambda, beta, rows, batch, panels)
  else correctAll(false, c, 0, a, alpha, lambda, beta, rows, batch, panels)
}

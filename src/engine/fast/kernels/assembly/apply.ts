/**
 * O1 to O4 in one pass over a weight: clip, mean, optimiser; then the projection. [O1] [O2] [O3] [O4]
 *
 * An update `d` is a run of rows of a weight, panel after panel; `stride` bytes lie between the panels of the weight and
 * `block` bytes between those of the update.
 */

import { Move } from '../numbers'
import { size } from './elementary'
import { look } from './elementwise'

let rate: f32 = 0, mu: f32 = 0, beta1: f32 = 0, beta1Rest: f32 = 0, beta2: f32 = 0, beta2Rest: f32 = 0
let decay: f32 = 0, decayRest: f32 = 0, epsilon: f32 = 0, unbias1: f32 = 0, unbias2: f32 = 0

/** The numbers of O3 that do not change. */
export function setOptimizer(r: f32, m: f32, b1: f32, b2: f32, rho: f32, eps: f32): void {
  rate = r; mu = m; beta1 = b1; beta1Rest = <f32>1 - b1; beta2 = b2; beta2Rest = <f32>1 - b2
  decay = rho; decayRest = <f32>1 - rho; epsilon = eps
}

/** The rate of the next weight. [op-rate] */
export function setRate(r: f32): void { rate = r }

/** beta1^k and beta2^k of this update. */
export function setPowers(power1: f32, power2: f32): void {
  unbias1 = <f32>1 / (<f32>1 - power1)
  unbias2 = <f32>1 / (<f32>1 - power2)
}

// What is done to an update before the optimiser: times `before`, clipped from `norm` to `most`, times `after`.
let before: f32 = 1, after: f32 = 1, most: f32 = 1, norm: f32 = 1
let clipped: bool = false

/** O1 and O2. `pre` or `post` is 1 / N, the other 1; multiplying by 1 changes no bit. A norm of 0 is never clipped. */
export function setReduction(pre: f32, post: f32, r: f32, frobenius: f32): void {
  before = pre; after = post; most = r; norm = frobenius
  clipped = r > 0 && frobenius > r
}

@inline function average(part: v128, rest: v128, s: v128, d: v128): v128 {
  return f32x4.add(f32x4.mul(part, s), f32x4.mul(rest, d))
}

/** The largest size so far, as twice its bits: the sign is shifted out. */
@inline function larger(seen: v128, left: v128, right: v128): v128 {
  return i32x4.max_u(seen, i32x4.max_u(i32x4.shl(left, 1), i32x4.shl(right, 1)))
}

/**
 * O3, or the sum of a sequence (in `w`) begun or added to, by its number. A constant `kind` leaves one rule, and of the
 * numbers those that it reads, in registers. Two neighbouring blocks of four end in neighbouring stores, see wide.ts. A first
 * moment that is not finite leaves no weight finite, whatever the rate: it needs no look.
 */
@inline function sweep(kind: i32, clips: bool, w: usize, f: usize, s: usize, d: usize, bytes: usize): void {
  const pre = f32x4.splat(before), post = f32x4.splat(after), r = f32x4.splat(most), whole = f32x4.splat(norm)
  const eta = f32x4.splat(rate), m = f32x4.splat(mu), b1 = f32x4.splat(beta1), c1 = f32x4.splat(beta1Rest)
  const b2 = f32x4.splat(kind == Move.adam ? beta2 : decay), c2 = f32x4.splat(kind == Move.adam ? beta2Rest : decayRest)
  const small = f32x4.splat(epsilon), u1 = f32x4.splat(unbias1), u2 = f32x4.splat(unbias2)
  let seen = i32x4.splat(0)
  for (let end = d + bytes; d < end; d += 32, w += 32, f += 32, s += 32) {
    let u = f32x4.mul(v128.load(d), pre), v = f32x4.mul(v128.load(d, 16), pre)
    if (clips) { u = f32x4.div(f32x4.mul(u, r), whole); v = f32x4.div(f32x4.mul(v, r), whole) }
    u = f32x4.mul(u, post); v = f32x4.mul(v, post)
    if (kind == Move.sgd) {
      u = f32x4.sub(v128.load(w), f32x4.mul(eta, u)); v = f32x4.sub(v128.load(w, 16), f32x4.mul(eta, v))
    } else if (kind == Move.momentum || kind == Move.nesterov) {
      const first = f32x4.add(f32x4.mul(m, v128.load(f)), u), second = f32x4.add(f32x4.mul(m, v128.load(f, 16)), v)
      v128.store(f, first); v128.store(f, second, 16)
      if (kind == Move.momentum) {
        u = f32x4.sub(v128.load(w), f32x4.mul(eta, first)); v = f32x4.sub(v128.load(w, 16), f32x4.mul(eta, second))
      } else {
        u = f32x4.sub(v128.load(w), f32x4.add(f32x4.mul(eta, u), f32x4.mul(eta, f32x4.mul(m, first))))
        v = f32x4.sub(v128.load(w, 16), f32x4.add(f32x4.mul(eta, v), f32x4.mul(eta, f32x4.mul(m, second))))
      }
    } else if (kind == Move.adam) {
      const first = average(b1, c1, v128.load(f), u), first2 = average(b1, c1, v128.load(f, 16), v)
      v128.store(f, first); v128.store(f, first2, 16)
      const second = average(b2, c2, v128.load(s), f32x4.mul(u, u))
      const second2 = average(b2, c2, v128.load(s, 16), f32x4.mul(v, v))
      v128.store(s, second); v128.store(s, second2, 16)
      seen = larger(seen, second, second2)
      const root = f32x4.add(f32x4.sqrt(f32x4.mul(u2, second)), small)
      const root2 = f32x4.add(f32x4.sqrt(f32x4.mul(u2, second2)), small)
      u = f32x4.sub(v128.load(w), f32x4.div(f32x4.mul(eta, f32x4.mul(u1, first)), root))
      v = f32x4.sub(v128.load(w, 16), f32x4.div(f32x4.mul(eta, f32x4.mul(u1, first2)), root2))
    } else if (kind == Move.rmsprop) {
      const second = average(b2, c2, v128.load(s), f32x4.mul(u, u))
      const second2 = average(b2, c2, v128.load(s, 16), f32x4.mul(v, v))
      v128.store(s, second); v128.store(s, second2, 16)
      seen = larger(seen, second, second2)
      u = f32x4.sub(v128.load(w), f32x4.div(f32x4.mul(eta, u), f32x4.add(f32x4.sqrt(second), small)))
      v = f32x4.sub(v128.load(w, 16), f32x4.div(f32x4.mul(eta, v), f32x4.add(f32x4.sqrt(second2), small)))
    } else if (kind == Move.addToSum) {
      u = f32x4.add(v128.load(w), u); v = f32x4.add(v128.load(w, 16), v)
    }
    v128.store(w, u); v128.store(w, v, 16)
    seen = larger(seen, u, v)
  }
  look(i32x4.shr_u(seen, 1))
}

@inline function sweepEither(kind: i32, w: usize, f: usize, s: usize, d: usize, bytes: usize): void {
  if (clipped) sweep(kind, true, w, f, s, d, bytes)
  else sweep(kind, false, w, f, s, d, bytes)
}

/** A run of numbers of a weight, its moments, and its update. */
export function moveRun(kind: i32, w: usize, f: usize, s: usize, d: usize, bytes: usize): void {
  switch (kind) {
    case Move.sgd: sweepEither(Move.sgd, w, f, s, d, bytes); break
    case Move.momentum: sweepEither(Move.momentum, w, f, s, d, bytes); break
    case Move.nesterov: sweepEither(Move.nesterov, w, f, s, d, bytes); break
    case Move.adam: sweepEither(Move.adam, w, f, s, d, bytes); break
    case Move.rmsprop: sweepEither(Move.rmsprop, w, f, s, d, bytes); break
    case Move.beginSum: sweepEither(Move.beginSum, w, f, s, d, bytes); break
    default: sweepEither(Move.addToSum, w, f, s, d, bytes)
  }
}

/** `panels` panels of a block of rows. */
export function apply(
  kind: i32, w: usize, f: usize, s: usize, d: usize, panels: i32, stride: usize, block: usize,
): void {
  for (let p = 0; p < panels; p++) {
    moveRun(kind, w, f, s, d, block)
    w += stride; f += stride; s += stride; d += block
  }
}

/** O5 of a block of rows: each number less a part of it. [O5] */
export function fade(w: usize, panels: i32, stride: usize, block: usize, part: f32): void {
  const parts = f32x4.splat(part)
  for (let p = 0; p < panels; p++, w += stride) {
    for (let at = w, end = w + block; at < end; at += 32) {
      const left = v128.load(at), right = v128.load(at, 16)
      const low = f32x4.sub(left, f32x4.mul(parts, left)), high = f32x4.sub(right, f32x4.mul(parts, right))
      v128.store(at, low); v128.store(at, high, 16)
    }
  }
}

/** Four lane sums of each row's squares, 16 bytes a row. */
function rowSquares(w: usize, lanes: usize, panels: i32, stride: usize, rows: i32): void {
  memory.fill(lanes, 0, <usize>rows << 4)
  for (let p = 0; p < panels; p++, w += stride) {
    let at = w
    for (let r = 0; r < rows; r++, at += 32) {
      const lane = lanes + (<usize>r << 4)
      const left = v128.load(at), right = v128.load(at, 16)
      const first = f32x4.add(v128.load(lane), f32x4.mul(left, left))
      v128.store(lane, f32x4.add(first, f32x4.mul(right, right)))
    }
  }
}

@inline function combined(lanes: usize): f32 {
  return (load<f32>(lanes) + load<f32>(lanes, 4)) + (load<f32>(lanes, 8) + load<f32>(lanes, 12))
}

/** The lane sum of each row, from its four lanes. [ar-sum] */
export function combineRows(lanes: usize, sums: usize, rows: i32): void {
  for (let r: usize = 0; r < <usize>rows; r++) store<f32>(sums + (r << 2), combined(lanes + (r << 4)))
}

/** The square root of the sum of the rows' sums, in ascending order. [ar-sum] */
export function normOf(sums: usize, rows: i32): f32 {
  let sum: f32 = 0
  for (let r: usize = 0; r < <usize>rows; r++) sum += load<f32>(sums + (r << 2))
  return sqrt<f32>(sum)
}

/** O4 for a block of rows; `lanes` is room for 16 bytes a row. [O4] */
export function project(w: usize, lanes: usize, panels: i32, stride: usize, rows: i32, maxNorm: f32): void {
  rowSquares(w, lanes, panels, stride, rows)
  const most = f32x4.splat(maxNorm)
  for (let r: usize = 0; r < <usize>rows; r++) {
    const norm = sqrt<f32>(combined(lanes + (r << 4)))
    if (!(norm > maxNorm)) continue
    const norms = f32x4.splat(norm)
    let at = w + (r << 5)
    for (let p = 0; p < panels; p++, at += stride) {
      const left = f32x4.div(f32x4.mul(v128.load(at), most), norms)
      const right = f32x4.div(f32x4.mul(v128.load(at, 16), most), norms)
      v128.store(at, left); v128.store(at, right, 16)
    }
  }
}

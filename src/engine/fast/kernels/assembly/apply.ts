/**
 * O1 to O4 in one pass over a weight: clip, mean, optimiser; then the projection. [O1] [O2] [O3] [O4]
 *
 * An update `d` is a run of rows of a weight, panel after panel; `stride` bytes lie between the panels of the weight and
 * `block` bytes between those of the update.
 */

import { Move } from '../numbers'
import { size } from './elementary'
import { look } from './elementwise'

let rate: v128 = f32x4.splat(0), mu: v128 = f32x4.splat(0)
let beta1: v128 = f32x4.splat(0), beta1Rest: v128 = f32x4.splat(0)
let beta2: v128 = f32x4.splat(0), beta2Rest: v128 = f32x4.splat(0)
let decay: v128 = f32x4.splat(0), decayRest: v128 = f32x4.splat(0)
let epsilon: v128 = f32x4.splat(0)
let unbias1: v128 = f32x4.splat(0), unbias2: v128 = f32x4.splat(0)

/** The numbers of O3 that do not change. */
export function setOptimizer(r: f32, m: f32, b1: f32, b2: f32, rho: f32, eps: f32): void {
  rate = f32x4.splat(r); mu = f32x4.splat(m)
  beta1 = f32x4.splat(b1); beta1Rest = f32x4.splat(<f32>1 - b1)
  beta2 = f32x4.splat(b2); beta2Rest = f32x4.splat(<f32>1 - b2)
  decay = f32x4.splat(rho); decayRest = f32x4.splat(<f32>1 - rho)
  epsilon = f32x4.splat(eps)
}

/** beta1^k and beta2^k of this update. */
export function setPowers(power1: f32, power2: f32): void {
  unbias1 = f32x4.splat(<f32>1 / (<f32>1 - power1))
  unbias2 = f32x4.splat(<f32>1 / (<f32>1 - power2))
}

// What is done to an update before the optimiser: times `before`, clipped from `norm` to `most`, times `after`.
let before: v128 = f32x4.splat(1), after: v128 = f32x4.splat(1), most: v128 = f32x4.splat(1), norm: v128 = f32x4.splat(1)
let clipped: bool = false

/** O1 and O2. `pre` or `post` is 1 / N, the other 1; multiplying by 1 changes no bit. A norm of 0 is never clipped. */
export function setReduction(pre: f32, post: f32, r: f32, frobenius: f32): void {
  before = f32x4.splat(pre); after = f32x4.splat(post); most = f32x4.splat(r); norm = f32x4.splat(frobenius)
  clipped = r > 0 && frobenius > r
}

@inline function average(part: v128, rest: v128, s: v128, d: v128): v128 {
  return f32x4.add(f32x4.mul(part, s), f32x4.mul(rest, d))
}

@inline function larger(seen: v128, at: usize): v128 { return i32x4.max_u(seen, size(v128.load(at))) }

/**
 * O3, or the sum of a sequence (in `w`) begun or added to, by its number. A constant `kind` leaves
 * one rule, and of the numbers those that it reads, in registers.
 */
@inline function sweep(kind: i32, clips: bool, w: usize, f: usize, s: usize, d: usize, bytes: usize): void {
  const pre = before, post = after, r = most, whole = norm, eta = rate, m = mu
  const b1 = beta1, c1 = beta1Rest, b2 = kind == Move.adam ? beta2 : decay, c2 = kind == Move.adam ? beta2Rest : decayRest
  const small = epsilon, u1 = unbias1, u2 = unbias2
  let seen = i32x4.splat(0)
  for (let end = d + bytes; d < end; d += 16, w += 16, f += 16, s += 16) {
    let u = f32x4.mul(v128.load(d), pre)
    if (clips) u = f32x4.div(f32x4.mul(u, r), whole)
    u = f32x4.mul(u, post)
    if (kind == Move.sgd) {
      u = f32x4.sub(v128.load(w), f32x4.mul(eta, u))
    } else if (kind == Move.momentum) {
      v128.store(f, f32x4.add(f32x4.mul(m, v128.load(f)), u))
      u = f32x4.sub(v128.load(w), f32x4.mul(eta, v128.load(f)))
    } else if (kind == Move.nesterov) {
      const v = f32x4.add(f32x4.mul(m, v128.load(f)), u)
      v128.store(f, v)
      u = f32x4.sub(v128.load(w), f32x4.add(f32x4.mul(eta, u), f32x4.mul(eta, f32x4.mul(m, v))))
    } else if (kind == Move.adam) {
      const first = average(b1, c1, v128.load(f), u), second = average(b2, c2, v128.load(s), f32x4.mul(u, u))
      v128.store(f, first)
      v128.store(s, second)
      const root = f32x4.add(f32x4.sqrt(f32x4.mul(u2, second)), small)
      u = f32x4.sub(v128.load(w), f32x4.div(f32x4.mul(eta, f32x4.mul(u1, first)), root))
    } else if (kind == Move.rmsprop) {
      const second = average(b2, c2, v128.load(s), f32x4.mul(u, u))
      v128.store(s, second)
      u = f32x4.sub(v128.load(w), f32x4.div(f32x4.mul(eta, u), f32x4.add(f32x4.sqrt(second), small)))
    } else if (kind == Move.addToSum) {
      u = f32x4.add(v128.load(w), u)
    }
    v128.store(w, u)
    seen = larger(seen, w)
    if (kind >= Move.momentum && kind <= Move.adam) seen = larger(seen, f)
    if (kind == Move.adam || kind == Move.rmsprop) seen = larger(seen, s)
  }
  look(seen)
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
      v128.store(at, f32x4.div(f32x4.mul(v128.load(at), most), norms))
      v128.store(at, f32x4.div(f32x4.mul(v128.load(at, 16), most), norms), 16)
    }
  }
}

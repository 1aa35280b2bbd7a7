/**
 * The updates of a batch of one row: each of their numbers is one product, so they are never written down whole. Their
 * squares are summed, then they are made again, a stretch at a time, for the optimiser. [L1] [L2] [L3] [L4] [L5] [O3]
 *
 * The columns of `a` are the rows of the update; of one row they lie one after another, as do those of `d`.
 */

import { moveRun } from './apply'

const ROW: usize = 32
/** Rows made at a time: few enough to stay near. */
const STRETCH: i32 = 128

@inline function squared(plain: bool, sum: v128, x: v128, d: v128, factor: v128, scale: v128): v128 {
  let value = f32x4.mul(x, d)
  if (!plain) value = f32x4.mul(f32x4.mul(value, factor), scale)
  return f32x4.add(sum, f32x4.mul(value, value))
}

@inline function sumSquares(
  plain: bool, a: usize, d: usize, lanes: usize, rowPanels: i32, colPanels: i32, factors: v128, scales: v128,
): void {
  const end = d + (<usize>colPanels << 5)
  for (let fours = rowPanels << 1; fours > 0; fours--, a += 16, lanes += 64) {
    const x0 = v128.load32_splat(a), x1 = v128.load32_splat(a, 4)
    const x2 = v128.load32_splat(a, 8), x3 = v128.load32_splat(a, 12)
    let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0
    for (let at = d; at < end; at += ROW) {
      const left = v128.load(at), right = v128.load(at, 16)
      s0 = squared(plain, squared(plain, s0, x0, left, factors, scales), x0, right, factors, scales)
      s1 = squared(plain, squared(plain, s1, x1, left, factors, scales), x1, right, factors, scales)
      s2 = squared(plain, squared(plain, s2, x2, left, factors, scales), x2, right, factors, scales)
      s3 = squared(plain, squared(plain, s3, x3, left, factors, scales), x3, right, factors, scales)
    }
    v128.store(lanes, s0); v128.store(lanes, s1, 16); v128.store(lanes, s2, 32); v128.store(lanes, s3, 48)
  }
}

/** The lane sums that `outer` leaves; the zero that its sums begin with is not seen in a square. */
export function sumSquaresOne(
  a: usize, d: usize, lanes: usize, rowPanels: i32, colPanels: i32, factor: f32, scale: f32,
): void {
  const factors = f32x4.splat(factor), scales = f32x4.splat(scale)
  if (factor == 1 && scale == 1) sumSquares(true, a, d, lanes, rowPanels, colPanels, factors, scales)
  else sumSquares(false, a, d, lanes, rowPanels, colPanels, factors, scales)
}

@inline function made(x: v128, d: v128, factor: v128): v128 {
  return f32x4.mul(f32x4.add(f32x4.splat(0), f32x4.mul(x, d)), factor)
}

/** `outer`, then `apply`, of a block of rows. `room` is for a panel. */
export function applyOne(
  kind: i32, w: usize, f: usize, s: usize, a: usize, d: usize, room: usize, rowPanels: i32, colPanels: i32,
  stride: usize, factor: f32,
): void {
  const factors = f32x4.splat(factor)
  for (; colPanels > 0; colPanels--, d += ROW, w += stride, f += stride, s += stride) {
    for (let from: i32 = 0; from < rowPanels << 3; from += STRETCH) {
      const rows = min(STRETCH, (rowPanels << 3) - from)
      const left = v128.load(d), right = v128.load(d, 16)
      let at = room
      for (let x = a + (<usize>from << 2), end = x + (<usize>rows << 2); x < end; x += 4, at += ROW) {
        const own = v128.load32_splat(x)
        const low = made(own, left, factors), high = made(own, right, factors)
        v128.store(at, low); v128.store(at, high, 16)
      }
      const begin = <usize>from << 5
      moveRun(kind, w + begin, f + begin, s + begin, room, <usize>rows << 5)
    }
  }
}

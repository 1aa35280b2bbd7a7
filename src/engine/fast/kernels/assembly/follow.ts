/**
 * The error weights of the released rule, which follow the update of W: no product of their own. [L2]
 *
 * The update of W lies in panels of eight columns, so that its block of eight rows and eight columns, like that of its
 * transpose, is one run of 64 numbers.
 */

import { moveRun } from './apply'

/** O1 of the update of W, then times gamma. */
@inline function led(clips: bool, d: v128, r: v128, norm: v128, gamma: v128): v128 {
  return f32x4.mul(gamma, clips ? f32x4.div(f32x4.mul(d, r), norm) : d)
}

@inline function square(lane: v128, value: v128, scale: v128): v128 {
  value = f32x4.mul(value, scale)
  return f32x4.add(lane, f32x4.mul(value, value))
}

/**
 * In place: each number of the update (`rows` x 8 `panels`) clipped where `frobenius` is above `r` (r <= 0 is off), then
 * times gamma. `sums` gets the lane sums of the squares, times `scale`, of each row of the transpose.
 */
export function follow(
  d: usize, sums: usize, rows: i32, panels: i32, r: f32, frobenius: f32, gamma: f32, scale: f32,
): void {
  const clips = r > 0 && frobenius > r
  const most = f32x4.splat(r), norm = f32x4.splat(frobenius), times = f32x4.splat(gamma), s = f32x4.splat(scale)
  for (let p = 0; p < panels; p++) {
    let l0 = f32x4.splat(0), l1 = l0, l2 = l0, l3 = l0, r0 = l0, r1 = l0, r2 = l0, r3 = l0
    for (let end = d + (<usize>rows << 5); d < end; d += 128) {
      const a = led(clips, v128.load(d), most, norm, times), b = led(clips, v128.load(d, 16), most, norm, times)
      v128.store(d, a); v128.store(d, b, 16)
      l0 = square(l0, a, s); r0 = square(r0, b, s)
      const a1 = led(clips, v128.load(d, 32), most, norm, times), b1 = led(clips, v128.load(d, 48), most, norm, times)
      v128.store(d, a1, 32); v128.store(d, b1, 48)
      l1 = square(l1, a1, s); r1 = square(r1, b1, s)
      const a2 = led(clips, v128.load(d, 64), most, norm, times), b2 = led(clips, v128.load(d, 80), most, norm, times)
      v128.store(d, a2, 64); v128.store(d, b2, 80)
      l2 = square(l2, a2, s); r2 = square(r2, b2, s)
      const a3 = led(clips, v128.load(d, 96), most, norm, times), b3 = led(clips, v128.load(d, 112), most, norm, times)
      v128.store(d, a3, 96); v128.store(d, b3, 112)
      l3 = square(l3, a3, s); r3 = square(r3, b3, s)
    }
    v128.store(sums, f32x4.add(f32x4.add(l0, l1), f32x4.add(l2, l3)))
    v128.store(sums, f32x4.add(f32x4.add(r0, r1), f32x4.add(r2, r3)), 16)
    sums += 32
  }
}

/** Four rows of four numbers, 32 bytes apart, transposed. */
@inline function transpose4(from: usize, to: usize): void {
  const a = v128.load(from), b = v128.load(from, 32), c = v128.load(from, 64), d = v128.load(from, 96)
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5))
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 32)
  v128.store(to, v128.shuffle<f32>(ef, gh, 0, 1, 4, 5), 64)
  v128.store(to, v128.shuffle<f32>(ef, gh, 2, 3, 6, 7), 96)
}

/** A block of 8 x 8 numbers transposed. */
@inline export function transpose8(from: usize, to: usize): void {
  transpose4(from, to)
  transpose4(from + 16, to + 128)
  transpose4(from + 128, to + 16)
  transpose4(from + 144, to + 144)
}

/** `apply` with the transpose of the update `d`: `rowPanels` x `colPanels` blocks. `room` is for one panel. */
export function applyTransposed(
  kind: i32, w: usize, f: usize, s: usize, d: usize, rowPanels: i32, colPanels: i32, room: usize,
): void {
  const bytes = <usize>colPanels << 8
  for (let q = 0; q < rowPanels; q++) {
    for (let p = 0; p < colPanels; p++) transpose8(d + (<usize>(p * rowPanels + q) << 8), room + (<usize>p << 8))
    moveRun(kind, w, f, s, room, bytes)
    w += bytes; f += bytes; s += bytes
  }
}

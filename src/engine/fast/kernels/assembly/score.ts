/** What goes along a row of the lowest level: softmax, and the scores of a row. [P1] [ar-softmax] [S1] [S2] [S3] [S4] */

import { Loss } from '../numbers'
import { exp, log, number, select } from './elementary'
import { look } from './elementwise'

const ROW: usize = 32

/** All ones in the first `used` lanes of the four from `from` on. */
@inline function lanesBelow(used: i32, from: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4(0, 1, 2, 3), i32x4.splat(from)), i32x4.splat(used))
}

@inline function combined(lanes: v128): f32 {
  const low = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1)
  return low + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3))
}

@inline function largestOf(v: v128): f32 {
  const a = max<f32>(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1))
  return max<f32>(a, max<f32>(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)))
}

/** The row at `x` in place; `panel` bytes from one panel to the next, `cols` columns. */
function softmaxRow(x: usize, panel: usize, cols: i32): void {
  const endless = number(0xff800000)
  let most = endless
  let at = x
  for (let j = 0; j < cols; j += 8, at += panel) {
    most = f32x4.max(most, select(lanesBelow(cols, j), v128.load(at), endless))
    most = f32x4.max(most, select(lanesBelow(cols, j + 4), v128.load(at, 16), endless))
  }
  const largest = f32x4.splat(largestOf(most))
  let lanes = f32x4.splat(0)
  at = x
  for (let j = 0; j < cols; j += 8, at += panel) {
    const left = v128.and(exp(f32x4.sub(v128.load(at), largest)), lanesBelow(cols, j))
    const right = v128.and(exp(f32x4.sub(v128.load(at, 16), largest)), lanesBelow(cols, j + 4))
    lanes = f32x4.add(f32x4.add(lanes, left), right)
    v128.store(at, left)
    v128.store(at, right, 16)
  }
  const sum = f32x4.splat(combined(lanes))
  at = x
  for (let j = 0; j < cols; j += 8, at += panel) {
    v128.store(at, v128.and(f32x4.div(v128.load(at), sum), lanesBelow(cols, j)))
    v128.store(at, v128.and(f32x4.div(v128.load(at, 16), sum), lanesBelow(cols, j + 4)), 16)
  }
}

/** Rows `from` to before `to` of a signal of `batch` rows, in place. */
export function softmax(x: usize, batch: i32, cols: i32, from: i32, to: i32): void {
  for (let r = from; r < to; r++) softmaxRow(x + (<usize>r << 5), <usize>batch << 5, cols)
}

/** m (left - right) for some of the rows, looked at. [C1] */
export function differenceRows(
  mask: usize, left: usize, right: usize, out: usize, batch: i32, panels: i32, from: i32, to: i32,
): void {
  const skip = <usize>batch << 5
  for (let r = from; r < to; r++) {
    const m = v128.load32_splat(mask + (<usize>r << 2))
    let at = <usize>r << 5
    for (let p = 0; p < panels; p++, at += skip) {
      const first = f32x4.mul(m, f32x4.sub(v128.load(left + at), v128.load(right + at)))
      const second = f32x4.mul(m, f32x4.sub(v128.load(left + at, 16), v128.load(right + at, 16)))
      v128.store(out + at, first)
      v128.store(out + at, second, 16)
      look(first)
      look(second)
    }
  }
}

@inline function floored(p: v128): v128 { return select(f32x4.le(p, f32x4.splat(0)), number(0x322bcc77), p) }

/** The term of the sums of S1, S2 or S3. */
@inline function term(kind: i32, p: v128, x: v128): v128 {
  if (kind == Loss.identity) {
    const u = f32x4.sub(p, x)
    return f32x4.mul(u, u)
  }
  // x = +-0 leaves x log p, a zero, which changes no sum of a lane
  const some = v128.any_true(f32x4.ne(x, f32x4.splat(0)))
  if (kind == Loss.softmax) return some ? f32x4.mul(x, log(floored(p))) : f32x4.splat(0)
  const one = f32x4.splat(1)
  const other = f32x4.mul(f32x4.sub(one, x), log(floored(f32x4.sub(one, p))))
  return some ? f32x4.add(f32x4.mul(x, log(floored(p))), other) : other
}

@inline function rowLoss(kind: i32, p: usize, x: usize, panel: usize, panels: i32): f32 {
  let lanes = f32x4.splat(0)
  for (let j = 0; j < panels; j++, p += panel, x += panel) {
    lanes = f32x4.add(lanes, term(kind, v128.load(p), v128.load(x)))
    lanes = f32x4.add(lanes, term(kind, v128.load(p, 16), v128.load(x, 16)))
  }
  return combined(lanes)
}

/** The column of the first of the largest elements. */
function firstLargest(a: usize, panel: usize, cols: i32): i32 {
  let best = 0, most = load<f32>(a)
  for (let j = 1; j < cols; j++) {
    const value = load<f32>(a + <usize>(j >> 3) * panel + (<usize>(j & 7) << 2))
    if (value > most) {
      most = value
      best = j
    }
  }
  return best
}

/** The loss of each active row from `from` to before `to`; with the softmax whether the row is correct, 1 or 0. */
export function scores(
  kind: i32, p: usize, x: usize, mask: usize, losses: usize, correct: usize, batch: i32, cols: i32, from: i32, to: i32,
): void {
  const panel = <usize>batch << 5, panels = (cols + 7) >> 3
  for (let r: usize = from; r < <usize>to; r++) {
    if (load<f32>(mask + (r << 2)) != 1) continue
    const pr = p + (r << 5), xr = x + (r << 5)
    let loss: f32
    if (kind == Loss.softmax) loss = -rowLoss(Loss.softmax, pr, xr, panel, panels)
    else if (kind == Loss.sigmoid) loss = -rowLoss(Loss.sigmoid, pr, xr, panel, panels)
    else loss = <f32>0.5 * rowLoss(Loss.identity, pr, xr, panel, panels)
    store<f32>(losses + (r << 2), loss)
    if (kind == Loss.softmax) store<f32>(correct + (r << 2), firstLargest(pr, panel, cols) == firstLargest(xr, panel, cols) ? 1 : 0)
  }
}

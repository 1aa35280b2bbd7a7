/**
 * A' B for the updates: the sum over the rows of a batch, in ascending order. [L1] [L2] [L3] [L4] [L5] [ar-product]
 *
 * Both factors lie in panels of eight columns (see product.ts), so that a block of four rows and one panel of the
 * result reads two short runs of memory. While a block is in registers its squares go to the lane sums of its rows.
 */

const ROW: usize = 32

@inline function squares(lanes: usize, left: v128, right: v128, scale: v128): void {
  left = f32x4.mul(left, scale)
  right = f32x4.mul(right, scale)
  const first = f32x4.add(v128.load(lanes), f32x4.mul(left, left))
  v128.store(lanes, f32x4.add(first, f32x4.mul(right, right)))
}

/** Four rows of the result (`a` at the first of their columns) and the panel of `d`. */
@inline function block(a: usize, d: usize, out: usize, lanes: usize, batch: i32, factor: v128, scale: v128): void {
  let r00 = f32x4.splat(0), r01 = r00, r10 = r00, r11 = r00, r20 = r00, r21 = r00, r30 = r00, r31 = r00
  for (let end = a + (<usize>batch << 5); a < end; a += ROW) {
    const left = v128.load(d), right = v128.load(d, 16)
    let s = v128.load32_splat(a)
    r00 = f32x4.add(r00, f32x4.mul(s, left)); r01 = f32x4.add(r01, f32x4.mul(s, right))
    s = v128.load32_splat(a, 4)
    r10 = f32x4.add(r10, f32x4.mul(s, left)); r11 = f32x4.add(r11, f32x4.mul(s, right))
    s = v128.load32_splat(a, 8)
    r20 = f32x4.add(r20, f32x4.mul(s, left)); r21 = f32x4.add(r21, f32x4.mul(s, right))
    s = v128.load32_splat(a, 12)
    r30 = f32x4.add(r30, f32x4.mul(s, left)); r31 = f32x4.add(r31, f32x4.mul(s, right))
    d += ROW
  }
  r00 = f32x4.mul(r00, factor); r01 = f32x4.mul(r01, factor); r10 = f32x4.mul(r10, factor)
  r11 = f32x4.mul(r11, factor); r20 = f32x4.mul(r20, factor); r21 = f32x4.mul(r21, factor)
  r30 = f32x4.mul(r30, factor); r31 = f32x4.mul(r31, factor)
  v128.store(out, r00); v128.store(out, r01, 16); v128.store(out, r10, 32); v128.store(out, r11, 48)
  v128.store(out, r20, 64); v128.store(out, r21, 80); v128.store(out, r30, 96); v128.store(out, r31, 112)
  if (lanes) {
    squares(lanes, r00, r01, scale); squares(lanes + 16, r10, r11, scale)
    squares(lanes + 32, r20, r21, scale); squares(lanes + 48, r30, r31, scale)
  }
}

/**
 * out = factor a' d, rounded after the sum: `rowPanels` panels of `a` are the rows, `colPanels` panels of `d` the
 * columns. Where `lanes` is not 0, the four lane sums of each row's squares are left there (16 bytes a row), of the
 * elements times `scale`.
 */
export function outer(
  a: usize, d: usize, out: usize, lanes: usize, batch: i32, rowPanels: i32, colPanels: i32,
  factor: f32, scale: f32,
): void {
  if (lanes) memory.fill(lanes, 0, <usize>rowPanels << 7)
  const panel = <usize>batch << 5, scales = f32x4.splat(scale), factors = f32x4.splat(factor)
  for (let j = 0; j < colPanels; j++) {
    let at = a, lane = lanes
    for (let i = 0; i < rowPanels; i++) {
      block(at, d, out, lane, batch, factors, scales)
      block(at + 16, d, out + 128, lane ? lane + 64 : 0, batch, factors, scales)
      at += panel
      out += 256
      if (lanes) lane += 128
    }
    d += panel
  }
}

/** out = the sum of the rows of `d`, 1 x n, for biases; like `outer` with a single row. [L6] */
export function columnSums(d: usize, out: usize, lanes: usize, batch: i32, panels: i32, scale: f32): void {
  if (lanes) memory.fill(lanes, 0, 16)
  const scales = f32x4.splat(scale)
  for (let j = 0; j < panels; j++) {
    let left = f32x4.splat(0), right = left
    for (let r = 0; r < batch; r++) {
      left = f32x4.add(left, v128.load(d))
      right = f32x4.add(right, v128.load(d, 16))
      d += ROW
    }
    v128.store(out, left)
    v128.store(out, right, 16)
    if (lanes) squares(lanes, left, right, scales)
    out += ROW
  }
}

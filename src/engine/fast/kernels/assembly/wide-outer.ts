/**
 * `outer` for a runtime that joins two neighbouring 128-bit operations to one of 256 bits, see wide-product.ts: the same
 * sums in the same order, so the same bits, in blocks of four rows and two panels. [ar-product]
 */

const ROW: usize = 32

/**
 * Four rows of the result (`a` at the first of their columns) and the panel of `d`, or that and the one `panel` bytes
 * behind it, which lie `next` bytes apart in `out`.
 */
@inline function block(
  two: bool, a: usize, d: usize, panel: usize, out: usize, next: usize, batch: i32, factor: f32,
): void {
  const zero = f32x4.splat(0), factors = f32x4.splat(factor)
  let p0 = zero, p1 = zero, p2 = zero, p3 = zero, q0 = zero, q1 = zero, q2 = zero, q3 = zero
  let r0 = zero, r1 = zero, r2 = zero, r3 = zero, s0 = zero, s1 = zero, s2 = zero, s3 = zero
  let x = zero, left = zero, right = zero, left2 = zero, right2 = zero
  for (let end = a + (<usize>batch << 5); a < end; a += ROW) {
    left = v128.load(d); right = v128.load(d, 16)
    if (two) { left2 = v128.load(d + panel); right2 = v128.load(d + panel, 16) }
    x = v128.load32_splat(a)
    p0 = f32x4.add(p0, f32x4.mul(x, left)); p1 = f32x4.add(p1, f32x4.mul(x, right))
    if (two) { p2 = f32x4.add(p2, f32x4.mul(x, left2)); p3 = f32x4.add(p3, f32x4.mul(x, right2)) }
    x = v128.load32_splat(a, 4)
    q0 = f32x4.add(q0, f32x4.mul(x, left)); q1 = f32x4.add(q1, f32x4.mul(x, right))
    if (two) { q2 = f32x4.add(q2, f32x4.mul(x, left2)); q3 = f32x4.add(q3, f32x4.mul(x, right2)) }
    x = v128.load32_splat(a, 8)
    r0 = f32x4.add(r0, f32x4.mul(x, left)); r1 = f32x4.add(r1, f32x4.mul(x, right))
    if (two) { r2 = f32x4.add(r2, f32x4.mul(x, left2)); r3 = f32x4.add(r3, f32x4.mul(x, right2)) }
    x = v128.load32_splat(a, 12)
    s0 = f32x4.add(s0, f32x4.mul(x, left)); s1 = f32x4.add(s1, f32x4.mul(x, right))
    if (two) { s2 = f32x4.add(s2, f32x4.mul(x, left2)); s3 = f32x4.add(s3, f32x4.mul(x, right2)) }
    d += ROW
  }
  const n = out + next
  v128.store(out, f32x4.mul(p0, factors)); v128.store(out, f32x4.mul(p1, factors), 16)
  v128.store(out, f32x4.mul(q0, factors), 32); v128.store(out, f32x4.mul(q1, factors), 48)
  v128.store(out, f32x4.mul(r0, factors), 64); v128.store(out, f32x4.mul(r1, factors), 80)
  v128.store(out, f32x4.mul(s0, factors), 96); v128.store(out, f32x4.mul(s1, factors), 112)
  if (two) {
    v128.store(n, f32x4.mul(p2, factors)); v128.store(n, f32x4.mul(p3, factors), 16)
    v128.store(n, f32x4.mul(q2, factors), 32); v128.store(n, f32x4.mul(q3, factors), 48)
    v128.store(n, f32x4.mul(r2, factors), 64); v128.store(n, f32x4.mul(r3, factors), 80)
    v128.store(n, f32x4.mul(s2, factors), 96); v128.store(n, f32x4.mul(s3, factors), 112)
  }
}

function pair(a: usize, d: usize, panel: usize, out: usize, next: usize, batch: i32, factor: f32): void {
  block(true, a, d, panel, out, next, batch, factor)
}

function single(a: usize, d: usize, out: usize, batch: i32, factor: f32): void {
  block(false, a, d, 0, out, 0, batch, factor)
}

/** What four rows of one panel or two add to the lane sums of their squares, in the order of the panels. */
function squares(two: bool, out: usize, next: usize, lanes: usize, factor: f32): void {
  const scale = f32x4.splat(factor)
  for (let end = lanes + 64; lanes < end; lanes += 16, out += ROW) {
    const left = f32x4.mul(v128.load(out), scale), right = f32x4.mul(v128.load(out, 16), scale)
    let sum = f32x4.add(f32x4.add(v128.load(lanes), f32x4.mul(left, left)), f32x4.mul(right, right))
    if (two) {
      const left2 = f32x4.mul(v128.load(out + next), scale), right2 = f32x4.mul(v128.load(out + next, 16), scale)
      sum = f32x4.add(f32x4.add(sum, f32x4.mul(left2, left2)), f32x4.mul(right2, right2))
    }
    v128.store(lanes, sum)
  }
}

/** See outer.ts. */
export function outer(
  a: usize, d: usize, out: usize, lanes: usize, batch: i32, rowPanels: i32, colPanels: i32,
  factor: f32, scale: f32,
): void {
  if (lanes) memory.fill(lanes, 0, <usize>rowPanels << 7)
  const panel = <usize>batch << 5, next = <usize>rowPanels << 8
  for (; colPanels > 0; colPanels -= 2) {
    const two = colPanels > 1
    let at = a, lane = lanes, to = out
    // four rows are half a panel of `a`
    for (let i = 0; i < rowPanels << 1; i++) {
      const from = at + (<usize>(i & 1) << 4)
      if (two) pair(from, d, panel, to, next, batch, factor)
      else single(from, d, to, batch, factor)
      if (lanes) {
        squares(two, to, next, lane, scale)
        lane += 64
      }
      if (i & 1) at += panel
      to += 128
    }
    out += next << 1
    d += panel << 1
  }
}

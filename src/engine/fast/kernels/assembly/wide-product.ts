/**
 * `product` for a runtime that joins two neighbouring 128-bit operations to one of 256 bits: the same sums in the same
 * order, so the same bits, in blocks of up to four rows and two panels. [ar-product]
 *
 * What is joined ends in two neighbouring stores. So nothing is loaded between stores, whether sums are added to what is
 * there is settled outside the block, and the inner loop is left as it is: unrolled, or with more sums, it runs out of
 * registers. On a runtime that does not join, the blocks of product.ts are faster.
 */

const ROW: usize = 32

/**
 * `rows` rows, up to 4, and one panel or two of them, `wide` bytes apart in `w` and `next` in `c`. `a` steps by `panel`
 * bytes from one panel of the signals to the next. Constant `rows`, `two` and `adds` leave only what they need.
 */
@inline function block(
  rows: i32, two: bool, adds: bool, a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize,
): void {
  const zero = f32x4.splat(0)
  let p0 = zero, p1 = zero, p2 = zero, p3 = zero, q0 = zero, q1 = zero, q2 = zero, q3 = zero
  let r0 = zero, r1 = zero, r2 = zero, r3 = zero, s0 = zero, s1 = zero, s2 = zero, s3 = zero
  let x = zero, left = zero, right = zero, left2 = zero, right2 = zero
  for (let i = 0; i < depth; i++) {
    for (let end = a + ROW; a < end; a += 4) {
      left = v128.load(w); right = v128.load(w, 16)
      if (two) { left2 = v128.load(w + wide); right2 = v128.load(w + wide, 16) }
      x = v128.load32_splat(a)
      p0 = f32x4.add(p0, f32x4.mul(x, left)); p1 = f32x4.add(p1, f32x4.mul(x, right))
      if (two) { p2 = f32x4.add(p2, f32x4.mul(x, left2)); p3 = f32x4.add(p3, f32x4.mul(x, right2)) }
      if (rows > 1) {
        x = v128.load32_splat(a, 32)
        q0 = f32x4.add(q0, f32x4.mul(x, left)); q1 = f32x4.add(q1, f32x4.mul(x, right))
        if (two) { q2 = f32x4.add(q2, f32x4.mul(x, left2)); q3 = f32x4.add(q3, f32x4.mul(x, right2)) }
      }
      if (rows > 2) {
        x = v128.load32_splat(a, 64)
        r0 = f32x4.add(r0, f32x4.mul(x, left)); r1 = f32x4.add(r1, f32x4.mul(x, right))
        if (two) { r2 = f32x4.add(r2, f32x4.mul(x, left2)); r3 = f32x4.add(r3, f32x4.mul(x, right2)) }
      }
      if (rows > 3) {
        x = v128.load32_splat(a, 96)
        s0 = f32x4.add(s0, f32x4.mul(x, left)); s1 = f32x4.add(s1, f32x4.mul(x, right))
        if (two) { s2 = f32x4.add(s2, f32x4.mul(x, left2)); s3 = f32x4.add(s3, f32x4.mul(x, right2)) }
      }
      w += ROW
    }
    a += panel - ROW
  }
  const n = c + next
  if (adds) {
    p0 = f32x4.add(v128.load(c), p0); p1 = f32x4.add(v128.load(c, 16), p1)
    if (two) { p2 = f32x4.add(v128.load(n), p2); p3 = f32x4.add(v128.load(n, 16), p3) }
    if (rows > 1) {
      q0 = f32x4.add(v128.load(c, 32), q0); q1 = f32x4.add(v128.load(c, 48), q1)
      if (two) { q2 = f32x4.add(v128.load(n, 32), q2); q3 = f32x4.add(v128.load(n, 48), q3) }
    }
    if (rows > 2) {
      r0 = f32x4.add(v128.load(c, 64), r0); r1 = f32x4.add(v128.load(c, 80), r1)
      if (two) { r2 = f32x4.add(v128.load(n, 64), r2); r3 = f32x4.add(v128.load(n, 80), r3) }
    }
    if (rows > 3) {
      s0 = f32x4.add(v128.load(c, 96), s0); s1 = f32x4.add(v128.load(c, 112), s1)
      if (two) { s2 = f32x4.add(v128.load(n, 96), s2); s3 = f32x4.add(v128.load(n, 112), s3) }
    }
  }
  v128.store(c, p0); v128.store(c, p1, 16)
  if (two) { v128.store(n, p2); v128.store(n, p3, 16) }
  if (rows > 1) {
    v128.store(c, q0, 32); v128.store(c, q1, 48)
    if (two) { v128.store(n, q2, 32); v128.store(n, q3, 48) }
  }
  if (rows > 2) {
    v128.store(c, r0, 64); v128.store(c, r1, 80)
    if (two) { v128.store(n, r2, 64); v128.store(n, r3, 80) }
  }
  if (rows > 3) {
    v128.store(c, s0, 96); v128.store(c, s1, 112)
    if (two) { v128.store(n, s2, 96); v128.store(n, s3, 112) }
  }
}

/** Blocks whose sums are all in registers: of each a function of its own, as its two endings must not be one. */
function pair4(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(4, true, false, a, w, wide, c, next, depth, panel)
}
function pair3(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(3, true, false, a, w, wide, c, next, depth, panel)
}
function pair2(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(2, true, false, a, w, wide, c, next, depth, panel)
}
function pair1(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(1, true, false, a, w, wide, c, next, depth, panel)
}
function single4(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(4, false, false, a, w, wide, c, next, depth, panel)
}
function single3(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(3, false, false, a, w, wide, c, next, depth, panel)
}
function single2(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(2, false, false, a, w, wide, c, next, depth, panel)
}
function single1(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(1, false, false, a, w, wide, c, next, depth, panel)
}
function pairAdds4(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(4, true, true, a, w, wide, c, next, depth, panel)
}
function pairAdds3(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(3, true, true, a, w, wide, c, next, depth, panel)
}
function pairAdds2(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(2, true, true, a, w, wide, c, next, depth, panel)
}
function pairAdds1(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(1, true, true, a, w, wide, c, next, depth, panel)
}
function singleAdds4(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(4, false, true, a, w, wide, c, next, depth, panel)
}
function singleAdds3(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(3, false, true, a, w, wide, c, next, depth, panel)
}
function singleAdds2(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(2, false, true, a, w, wide, c, next, depth, panel)
}
function singleAdds1(a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize): void {
  block(1, false, true, a, w, wide, c, next, depth, panel)
}

@inline function pair(
  rows: i32, adds: bool, a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize,
): void {
  if (adds) {
    if (rows == 4) pairAdds4(a, w, wide, c, next, depth, panel)
    else if (rows == 3) pairAdds3(a, w, wide, c, next, depth, panel)
    else if (rows == 2) pairAdds2(a, w, wide, c, next, depth, panel)
    else pairAdds1(a, w, wide, c, next, depth, panel)
  } else if (rows == 4) pair4(a, w, wide, c, next, depth, panel)
  else if (rows == 3) pair3(a, w, wide, c, next, depth, panel)
  else if (rows == 2) pair2(a, w, wide, c, next, depth, panel)
  else pair1(a, w, wide, c, next, depth, panel)
}

@inline function single(
  rows: i32, adds: bool, a: usize, w: usize, wide: usize, c: usize, next: usize, depth: i32, panel: usize,
): void {
  if (adds) {
    if (rows == 4) singleAdds4(a, w, wide, c, next, depth, panel)
    else if (rows == 3) singleAdds3(a, w, wide, c, next, depth, panel)
    else if (rows == 2) singleAdds2(a, w, wide, c, next, depth, panel)
    else singleAdds1(a, w, wide, c, next, depth, panel)
  } else if (rows == 4) single4(a, w, wide, c, next, depth, panel)
  else if (rows == 3) single3(a, w, wide, c, next, depth, panel)
  else if (rows == 2) single2(a, w, wide, c, next, depth, panel)
  else single1(a, w, wide, c, next, depth, panel)
}

/** See product.ts. */
export function product(
  a: usize, w: usize, c: usize, rows: i32, batch: i32, depth: i32, panels: i32, adds: bool,
): void {
  const panel = <usize>batch << 5, wide = <usize>depth << 8
  while (panels > 0) {
    let row = a, at = c
    let blocks = (rows + 3) / 4
    for (let left = rows; left > 0; blocks--) {
      const some = (left + blocks - 1) / blocks
      if (panels > 1) pair(some, adds, row, w, wide, at, panel, depth, panel)
      else single(some, adds, row, w, wide, at, panel, depth, panel)
      row += <usize>some << 5
      at += <usize>some << 5
      left -= some
    }
    w += wide << 1
    c += panel << 1
    panels -= 2
  }
}

/**
 * A B for signals times weights. [A1] [P1] [C2] [ar-product]
 *
 * Every matrix lies in panels of eight columns: panel after panel, in each the rows one after another, eight numbers a
 * row. So a block of rows times a panel reads both factors in the order in which they lie, and writes so too. A block
 * of up to four rows and one panel keeps its sums in registers; they grow in ascending order of the summed index, one
 * product and one sum at a time, as the specification has it: SIMD runs across columns only.
 *
 * Rows of the weights beyond the last, and columns of the signals beyond the last, are +0: they add +0.
 */

/** The bytes of a row within a panel. */
const ROW: usize = 32

@inline function put(c: usize, sum: v128, adds: bool): void {
  v128.store(c, adds ? f32x4.add(v128.load(c), sum) : sum)
}

/** Four rows and one panel. `a` steps by `panel` bytes from one panel of the signals to the next. */
function block4(a: usize, w: usize, c: usize, depth: i32, panel: usize, adds: bool): void {
  let r00 = f32x4.splat(0), r01 = r00, r10 = r00, r11 = r00, r20 = r00, r21 = r00, r30 = r00, r31 = r00
  for (let p = 0; p < depth; p++) {
    for (let end = a + ROW; a < end; a += 4) {
      const left = v128.load(w), right = v128.load(w, 16)
      let s = v128.load32_splat(a)
      r00 = f32x4.add(r00, f32x4.mul(s, left)); r01 = f32x4.add(r01, f32x4.mul(s, right))
      s = v128.load32_splat(a, 32)
      r10 = f32x4.add(r10, f32x4.mul(s, left)); r11 = f32x4.add(r11, f32x4.mul(s, right))
      s = v128.load32_splat(a, 64)
      r20 = f32x4.add(r20, f32x4.mul(s, left)); r21 = f32x4.add(r21, f32x4.mul(s, right))
      s = v128.load32_splat(a, 96)
      r30 = f32x4.add(r30, f32x4.mul(s, left)); r31 = f32x4.add(r31, f32x4.mul(s, right))
      w += ROW
    }
    a += panel - ROW
  }
  put(c, r00, adds); put(c + 16, r01, adds); put(c + 32, r10, adds); put(c + 48, r11, adds)
  put(c + 64, r20, adds); put(c + 80, r21, adds); put(c + 96, r30, adds); put(c + 112, r31, adds)
}

function block3(a: usize, w: usize, c: usize, depth: i32, panel: usize, adds: bool): void {
  let r00 = f32x4.splat(0), r01 = r00, r10 = r00, r11 = r00, r20 = r00, r21 = r00
  for (let p = 0; p < depth; p++) {
    for (let end = a + ROW; a < end; a += 4) {
      const left = v128.load(w), right = v128.load(w, 16)
      let s = v128.load32_splat(a)
      r00 = f32x4.add(r00, f32x4.mul(s, left)); r01 = f32x4.add(r01, f32x4.mul(s, right))
      s = v128.load32_splat(a, 32)
      r10 = f32x4.add(r10, f32x4.mul(s, left)); r11 = f32x4.add(r11, f32x4.mul(s, right))
      s = v128.load32_splat(a, 64)
      r20 = f32x4.add(r20, f32x4.mul(s, left)); r21 = f32x4.add(r21, f32x4.mul(s, right))
      w += ROW
    }
    a += panel - ROW
  }
  put(c, r00, adds); put(c + 16, r01, adds); put(c + 32, r10, adds); put(c + 48, r11, adds)
  put(c + 64, r20, adds); put(c + 80, r21, adds)
}

function block2(a: usize, w: usize, c: usize, depth: i32, panel: usize, adds: bool): void {
  let r00 = f32x4.splat(0), r01 = r00, r10 = r00, r11 = r00
  for (let p = 0; p < depth; p++) {
    for (let end = a + ROW; a < end; a += 4) {
      const left = v128.load(w), right = v128.load(w, 16)
      let s = v128.load32_splat(a)
      r00 = f32x4.add(r00, f32x4.mul(s, left)); r01 = f32x4.add(r01, f32x4.mul(s, right))
      s = v128.load32_splat(a, 32)
      r10 = f32x4.add(r10, f32x4.mul(s, left)); r11 = f32x4.add(r11, f32x4.mul(s, right))
      w += ROW
    }
    a += panel - ROW
  }
  put(c, r00, adds); put(c + 16, r01, adds); put(c + 32, r10, adds); put(c + 48, r11, adds)
}

function block1(a: usize, w: usize, c: usize, depth: i32, panel: usize, adds: bool): void {
  let r0 = f32x4.splat(0), r1 = r0
  for (let p = 0; p < depth; p++) {
    for (let end = a + ROW; a < end; a += 4) {
      const s = v128.load32_splat(a)
      r0 = f32x4.add(r0, f32x4.mul(s, v128.load(w)))
      r1 = f32x4.add(r1, f32x4.mul(s, v128.load(w, 16)))
      w += ROW
    }
    a += panel - ROW
  }
  put(c, r0, adds); put(c + 16, r1, adds)
}

/** One row alone and four panels of weights, `wide` bytes each: enough sums at once to hide what a sum takes. */
function fourPanels(a: usize, w: usize, c: usize, depth: i32, wide: usize, adds: bool): void {
  let r0 = f32x4.splat(0), r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0
  const w1 = wide, w2 = wide * 2, w3 = wide * 3
  for (let end = a + (<usize>depth << 5); a < end; a += 4) {
    const s = v128.load32_splat(a)
    r0 = f32x4.add(r0, f32x4.mul(s, v128.load(w)))
    r1 = f32x4.add(r1, f32x4.mul(s, v128.load(w, 16)))
    r2 = f32x4.add(r2, f32x4.mul(s, v128.load(w + w1)))
    r3 = f32x4.add(r3, f32x4.mul(s, v128.load(w + w1, 16)))
    r4 = f32x4.add(r4, f32x4.mul(s, v128.load(w + w2)))
    r5 = f32x4.add(r5, f32x4.mul(s, v128.load(w + w2, 16)))
    r6 = f32x4.add(r6, f32x4.mul(s, v128.load(w + w3)))
    r7 = f32x4.add(r7, f32x4.mul(s, v128.load(w + w3, 16)))
    w += ROW
  }
  put(c, r0, adds); put(c + 16, r1, adds); put(c + 32, r2, adds); put(c + 48, r3, adds)
  put(c + 64, r4, adds); put(c + 80, r5, adds); put(c + 96, r6, adds); put(c + 112, r7, adds)
}

/**
 * c = a w, or c = c + a w where `adds`: `rows` of the `batch` rows of the signals, `depth` panels of the summed index,
 * `panels` panels of the result. `w` points at the first panel of the result, `a` and `c` at the first of the rows.
 */
export function product(
  a: usize, w: usize, c: usize, rows: i32, batch: i32, depth: i32, panels: i32, adds: bool,
): void {
  const panel = <usize>batch << 5, wide = <usize>depth << 8, skip = <usize>(batch - rows) << 5
  if (batch == 1 && rows == 1) {
    for (; panels >= 4; panels -= 4) {
      fourPanels(a, w, c, depth, wide, adds)
      w += wide << 2
      c += 128
    }
  }
  for (; panels > 0; panels--) {
    let row = a
    let blocks = (rows + 3) / 4
    for (let left = rows; left > 0; blocks--) {
      const some = (left + blocks - 1) / blocks
      if (some == 4) block4(row, w, c, depth, panel, adds)
      else if (some == 3) block3(row, w, c, depth, panel, adds)
      else if (some == 2) block2(row, w, c, depth, panel, adds)
      else block1(row, w, c, depth, panel, adds)
      row += <usize>some << 5
      c += <usize>some << 5
      left -= some
    }
    w += wide
    c += skip
  }
}

/**
 * Inputs that are mostly 0, such as one-hot rows: the products leave out the terms whose left factor is 0. This
 * changes no bit, as the right factors are finite. [ar-product]
 *
 * The index of an input: one word, 1 if the input is sparse; then for each row where its list begins (batch + 1 words),
 * for each column the same (8 panels + 1), the columns of each row, and the rows of each column.
 */

const ROW: usize = 32
/** An input is sparse where at most one number in this many is not 0. */
const SPARSITY: i32 = 4

@inline function word(at: usize, i: i32): usize { return at + (<usize>i << 2) }
@inline function numberAt(x: usize, batch: i32, row: i32, col: i32): usize {
  return x + (<usize>((col >> 3) * batch + row) << 5) + (<usize>(col & 7) << 2)
}

/** Makes the index of `x`; `index` has room for 2 + batch + 1 + 8 panels + 1 words and half as many as x has numbers. */
export function makeIndex(x: usize, index: usize, batch: i32, panels: i32): void {
  const most = (batch * panels << 3) / SPARSITY, cols = panels << 3
  const rowStart = word(index, 1), colStart = word(rowStart, batch + 1), ofRow = word(colStart, cols + 1)
  const ofCol = word(ofRow, most)
  let found = 0
  store<i32>(index, 0)
  for (let row = 0; row < batch; row++) {
    store<i32>(word(rowStart, row), found)
    for (let col = 0; col < cols; col++) {
      if (load<f32>(numberAt(x, batch, row, col)) == 0) continue
      if (found == most) return
      store<i32>(word(ofRow, found++), col)
    }
  }
  store<i32>(word(rowStart, batch), found)
  found = 0
  for (let col = 0; col < cols; col++) {
    store<i32>(word(colStart, col), found)
    for (let row = 0; row < batch; row++) {
      if (load<f32>(numberAt(x, batch, row, col)) != 0) store<i32>(word(ofCol, found++), row)
    }
  }
  store<i32>(word(colStart, cols), found)
  store<i32>(index, 1)
}

/** Whether the input of this index is sparse. */
@inline export function isSparse(index: usize): bool { return load<i32>(index) != 0 }

/** c = x w, like `product`, for the rows `from` to before `to`; `depth` panels of x. `c` points at row 0. */
export function gather(
  x: usize, index: usize, w: usize, c: usize, batch: i32, depth: i32, panels: i32, from: i32, to: i32,
): void {
  const rowStart = word(index, 1), ofRow = word(rowStart, batch + 1 + (depth << 3) + 1)
  const wide = <usize>depth << 8
  const panel = <usize>batch << 5
  for (let p = 0; p < panels; p++, w += wide, c += panel) {
    for (let row = from; row < to; row++) {
      let left = f32x4.splat(0), right = left
      const out = c + (<usize>row << 5), last = word(ofRow, load<i32>(word(rowStart, row + 1)))
      for (let at = word(ofRow, load<i32>(word(rowStart, row))); at < last; at += 4) {
        const col = load<i32>(at), from = w + (<usize>col << 5)
        const s = v128.load32_splat(numberAt(x, batch, row, col))
        left = f32x4.add(left, f32x4.mul(s, v128.load(from)))
        right = f32x4.add(right, f32x4.mul(s, v128.load(from, 16)))
      }
      v128.store(out, left)
      v128.store(out, right, 16)
    }
  }
}

/** out = x' d, like `outer`, for the row panels from `first` on. [L3] */
export function scatter(
  x: usize, index: usize, d: usize, out: usize, lanes: usize, batch: i32, depth: i32, first: i32, rowPanels: i32,
  colPanels: i32, scale: f32,
): void {
  if (lanes) memory.fill(lanes, 0, <usize>rowPanels << 7)
  const colStart = word(index, 1 + batch + 1), most = (batch * depth << 3) / SPARSITY
  const ofCol = word(colStart, (depth << 3) + 1 + most)
  const scales = f32x4.splat(scale), begin = first << 3, end = (first + rowPanels) << 3
  for (let p = 0; p < colPanels; p++, d += <usize>batch << 5) {
    for (let col = begin; col < end; col++, out += ROW) {
      let left = f32x4.splat(0), right = left
      const last = word(ofCol, load<i32>(word(colStart, col + 1)))
      let at = word(ofCol, load<i32>(word(colStart, col)))
      if (at != last) {
        for (; at < last; at += 4) {
          const row = load<i32>(at), from = d + (<usize>row << 5)
          const s = v128.load32_splat(numberAt(x, batch, row, col))
          left = f32x4.add(left, f32x4.mul(s, v128.load(from)))
          right = f32x4.add(right, f32x4.mul(s, v128.load(from, 16)))
        }
        if (lanes) {
          const lane = lanes + (<usize>(col - begin) << 4)
          const a = f32x4.mul(left, scales), b = f32x4.mul(right, scales)
          v128.store(lane, f32x4.add(f32x4.add(v128.load(lane), f32x4.mul(a, a)), f32x4.mul(b, b)))
        }
      }
      v128.store(out, left)
      v128.store(out, right, 16)
    }
  }
}

/** From rows to panels of eight columns, and back. */

/** `rows` x `cols` numbers at `from` into panels of `high` >= rows rows; what is beyond them becomes +0. */
export function pack(from: usize, to: usize, rows: i32, cols: i32, high: i32): void {
  for (let first = 0; first < cols; first += 8) {
    const used = min(8, cols - first)
    let at = from + (<usize>first << 2)
    for (let r = 0; r < rows; r++, at += <usize>cols << 2, to += 32) {
      if (used == 8) {
        v128.store(to, v128.load(at))
        v128.store(to, v128.load(at, 16), 16)
      } else {
        for (let j: usize = 0; j < 8; j++) store<f32>(to + (j << 2), j < <usize>used ? load<f32>(at + (j << 2)) : 0)
      }
    }
    const rest = <usize>(high - rows) << 5
    memory.fill(to, 0, rest)
    to += rest
  }
}

/** The inverse of `pack`. */
export function unpack(from: usize, to: usize, rows: i32, cols: i32, high: i32): void {
  for (let first = 0; first < cols; first += 8) {
    const used = min(8, cols - first)
    let at = to + (<usize>first << 2)
    for (let r = 0; r < rows; r++, at += <usize>cols << 2, from += 32) {
      if (used == 8) {
        v128.store(at, v128.load(from))
        v128.store(at, v128.load(from, 16), 16)
      } else {
        for (let j: usize = 0; j < <usize>used; j++) store<f32>(at + (j << 2), load<f32>(from + (j << 2)))
      }
    }
    from += <usize>(high - rows) << 5
  }
}

/** The stochastic threshold, drawn by Philox4x32-10. [ar-stochastic] [ar-philox] */

const ROUNDS = 10
const MULTIPLIER_0: u64 = 0xd2511f53
const MULTIPLIER_1: u64 = 0xcd9e8d57
const WEYL_0: u32 = 0x9e3779b9
const WEYL_1: u32 = 0xbb67ae85
const DRAW_UNIT: f32 = 1.0 / 16777216.0

/** u < chance, for the upper 24 bits of a word; what is no number stays none. */
@inline function drawn(at: usize, word: u32): void {
  const chance = load<f32>(at)
  const u = <f32>(word >> 8) * DRAW_UNIT
  store<f32>(at, chance != chance ? chance : u < chance ? <f32>1 : <f32>0)
}

/** Four units at `at`, which hold sigmoid(a), by the words of one counter. */
function four(at: usize, c0: u32, c1: u32, c2: u32, c3: u32, k0: u32, k1: u32): void {
  for (let round = 0; round < ROUNDS; round++) {
    const left = MULTIPLIER_0 * <u64>c0, right = MULTIPLIER_1 * <u64>c2
    c0 = <u32>(right >> 32) ^ c1 ^ k0
    c2 = <u32>(left >> 32) ^ c3 ^ k1
    c1 = <u32>right
    c3 = <u32>left
    k0 += WEYL_0
    k1 += WEYL_1
  }
  drawn(at, c0); drawn(at + 4, c1); drawn(at + 8, c2); drawn(at + 12, c3)
}

/**
 * What holds sigmoid(a) becomes 1 or +0: panels from `panel` on, of each `rows` rows from `row` on, of `batch`. The counter
 * of four units is their number over four, the row, `place`, and the step; the key is that of the sequence.
 */
export function draw(
  z: usize, row: i32, rows: i32, batch: i32, panel: i32, panels: i32, place: u32, t: u32, k0: u32, k1: u32,
): void {
  for (let p = panel; p < panel + panels; p++, z += <usize>(batch - rows) << 5) {
    for (let r = row; r < row + rows; r++, z += 32) {
      four(z, <u32>(2 * p), <u32>r, place, t, k0, k1)
      four(z + 16, <u32>(2 * p + 1), <u32>r, place, t, k0, k1)
    }
  }
}

/** The rows of a batch in another order, for laws that say that it does not matter. */

import type { Matrix } from './matrix.js'

/** The rows in the opposite order; of several batches of `rows` rows, one below the other, within each. */
export const reversedRows = ({ rows: height, cols, data }: Matrix, rows = height): Matrix => {
  const turned = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length)
  for (let i = 0; i < height; i++) {
    const from = i - (i % rows) + (rows - 1 - (i % rows))
    for (let j = 0; j < cols; j++) turned[i * cols + j] = data[from * cols + j]!
  }
  return { rows: height, cols, data: turned }
}

/** Data sets in the form of MNIST, small ones. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SIDE = 4

/** An IDX file of images whose grey values count on from `first`. */
const imagesFrom = (count: number, first: number): Uint8Array => {
  const head = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, SIDE, 0, 0, 0, SIDE]
  return Uint8Array.from([...head, ...Array.from({ length: SIDE * SIDE * count }, (_, i) => first + i)])
}

/** Six images to train and two for the test. */
export const writeImages = (folder: string, first: number): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'train-images-idx3-ubyte'), imagesFrom(6, first))
  writeFileSync(join(folder, 't10k-images-idx3-ubyte'), imagesFrom(2, first + 1))
}

/** What a command says of files that hold something else than before. */
export const OTHER_DATA = /^ptncn: "\S*train-images-idx3-ubyte" expected .* SHA-256 [0-9a-f]{16}, got "[0-9a-f]{16}"; .*--out\n$/

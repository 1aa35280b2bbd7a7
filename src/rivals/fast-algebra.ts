/**
 * The arithmetic of the rivals in binary32, on the kernels that the engines run on: products, activations and Adam are theirs,
 * and what else is element by element is JavaScript. The results are those of `numeric`, bit for bit. [ar-product]
 */

import type { Matrix } from '../numeric/matrix.js'
import { createMemory, growTo, instantiate, type Kernels, type SharedMemory } from '../engine/fast/kernels/kernels.js'
import { Move } from '../engine/fast/kernels/numbers.js'
import { requireScorable } from '../ptncn/scores.js'
import { transposed, type Algebra } from './algebra.js'
import { BETA1, BETA2, EPSILON } from './moved.js'
import { requireCarried } from './rival.js'
import { sparseProduct, sparseProductLeftTransposed } from './sparse.js'

const PANEL = 8
const FLOAT = 4
/** Address 0 means "none" to the kernels. */
const START = 1024
const KINDS = { tanh: 0, sigmoid: 1 } as const
const SCORES = { softmax: 0, sigmoid: 1, identity: 2 } as const

const panelsOf = (n: number): number => Math.ceil(n / PANEL)
const filled = (n: number): number => panelsOf(n) * PANEL

/**
 * P of a row is (n filled up) x (n, each with k filled up), so that all numbers of a panel belong to one unit j. There is
 * room for one row more than the batch has: a step writes a row to the free place, and frees the one that it read.
 */
const sensitivitiesOn =
  (memory: SharedMemory, kernels: Kernels): Algebra['sensitivities'] =>
  (rows, units, width, from) => {
    const [high, wide] = [filled(units), filled(width)]
    const [panels, size] = [units * panelsOf(width), high * units * wide]
    if (from) requireCarried('P', from, rows, size)
    const [small, sum, first] = [START, START + high * high * FLOAT, START + (high * high + units * wide) * FLOAT]
    growTo(memory, first + (rows + 1) * size * FLOAT)
    const floats = new Float32Array(memory.buffer)
    const places = Array.from({ length: rows }, (_, row) => first + row * size * FLOAT)
    let free = first + rows * size * FLOAT
    if (from) floats.set(from.data as Float32Array, first / FLOAT)
    else floats.fill(0, first / FLOAT, free / FLOAT)
    /** W with its columns scaled, transposed, in panels; beyond n it is +0. */
    const writeScaled = (W: Matrix, s: Matrix, row: number): void => {
      for (let r = 0; r < units; r++) {
        const at = small / FLOAT + (r >> 3) * high * PANEL + (r & 7)
        for (let i = 0; i < units; i++) floats[at + i * PANEL] = W.data[r * units + i]! * s.data[row * units + i]!
      }
    }
    const addDirect = (place: number, s: Matrix, xhat: Matrix, row: number): void => {
      for (let j = 0; j < units; j++) {
        const at = place / FLOAT + j * (wide * high + PANEL)
        const slope = s.data[row * units + j]!
        for (let l = 0; l < width; l++) {
          const to = at + (l >> 3) * high * PANEL + (l & 7)
          floats[to] = floats[to]! + Math.fround(slope * xhat.data[row * width + l]!)
        }
      }
    }
    return {
      advance: (W, s, xhat) => {
        floats.fill(0, small / FLOAT, sum / FLOAT)
        places.forEach((place, row) => {
          writeScaled(W, s, row)
          kernels.product(small, place, free, high, high, panelsOf(units), panels, false)
          addDirect(free, s, xhat, row)
          ;[places[row], free] = [free, place]
        })
      },
      gradient: (q) => {
        places.forEach((place, row) => {
          // what stands beyond n is multiplied by +0
          floats.set((q.data as Float32Array).subarray(row * units, (row + 1) * units), small / FLOAT)
          kernels.product(small, place, sum, 1, 1, panelsOf(units), panels, row > 0)
        })
        const data = new Float32Array(width * units)
        for (let j = 0; j < units; j++) {
          for (let l = 0; l < width; l++) data[l * units + j] = floats[sum / FLOAT + j * wide + l]!
        }
        return { rows: width, cols: units, data }
      },
      value: () => {
        const data = new Float32Array(rows * size)
        places.forEach((place, row) => data.set(floats.subarray(place / FLOAT, place / FLOAT + size), row * size))
        return { rows, cols: size, data }
      },
    }
  }

/** On the calling thread; the memory grows to what the largest operation needs. */
export const fastAlgebra = async (): Promise<Algebra> => {
  const memory = createMemory(START)
  const kernels = await instantiate(memory)
  // of their own, as they stay while other operations come and go
  const sensitivityMemory = createMemory(START)
  const sensitivities = sensitivitiesOn(sensitivityMemory, await instantiate(sensitivityMemory))
  let floats = new Float32Array(memory.buffer)
  /** Places for matrices of these bytes, one after another. */
  const places = (...bytes: number[]): number[] => {
    const starts = bytes.reduce<number[]>((all, size) => [...all, all.at(-1)! + size], [START])
    growTo(memory, starts.at(-1)!)
    if (floats.buffer !== memory.buffer) floats = new Float32Array(memory.buffer)
    return starts
  }
  const copyIn = (at: number, { data }: Matrix): void => floats.set(data as Float32Array, at / FLOAT)
  const copyOut = (at: number, length: number): Float32Array => new Float32Array(floats.subarray(at / FLOAT, at / FLOAT + length))
  const bytesOf = (rows: number, cols: number): number => rows * filled(cols) * FLOAT
  /** a into panels at `to`, by way of `staging`. */
  const pack = (a: Matrix, staging: number, to: number, high = a.rows): void => {
    copyIn(staging, a)
    kernels.pack(staging, to, a.rows, a.cols, high)
  }
  const unpack = (from: number, staging: number, rows: number, cols: number, high = rows): Matrix => {
    kernels.unpack(from, staging, rows, cols, high)
    return { rows, cols, data: copyOut(staging, rows * cols) }
  }

  const product = (a: Matrix, b: Matrix): Matrix => {
    const largest = Math.max(a.rows * a.cols, b.rows * b.cols, a.rows * b.cols) * FLOAT
    const [left, right, out, staging] = places(
      bytesOf(a.rows, a.cols),
      bytesOf(filled(b.rows), b.cols),
      bytesOf(a.rows, b.cols),
      largest,
    ) as [number, number, number, number]
    pack(a, staging, left)
    pack(b, staging, right, filled(b.rows))
    kernels.product(left, right, out, a.rows, a.rows, panelsOf(a.cols), panelsOf(b.cols), false)
    return unpack(out, staging, a.rows, b.cols)
  }

  const productLeftTransposed = (a: Matrix, b: Matrix): Matrix => {
    const largest = Math.max(a.rows * a.cols, b.rows * b.cols, a.cols * b.cols) * FLOAT
    const [left, right, out, staging] = places(
      bytesOf(a.rows, a.cols),
      bytesOf(b.rows, b.cols),
      bytesOf(filled(a.cols), b.cols),
      largest,
    ) as [number, number, number, number]
    pack(a, staging, left)
    pack(b, staging, right)
    kernels.outer(left, right, out, 0, a.rows, panelsOf(a.cols), panelsOf(b.cols), 1, 1)
    return unpack(out, staging, a.cols, b.cols, filled(a.cols))
  }

  const moved: Algebra['moved'] = ({ factor, rate, power1, power2 }, { weight, first, second }, gradient) => {
    const { rows, cols, data } = gradient
    const bytes = filled(data.length) * FLOAT
    const [w, m, v, d] = places(bytes, bytes, bytes, bytes) as [number, number, number, number]
    copyIn(w, weight)
    copyIn(m, first)
    copyIn(v, second)
    if (factor === 1) copyIn(d, gradient)
    else for (let i = 0; i < data.length; i++) floats[d / FLOAT + i] = factor * data[i]!
    kernels.setOptimizer(rate, 0, BETA1, BETA2, 0, EPSILON)
    kernels.setPowers(power1, power2)
    kernels.setReduction(1, 1, 0, 0)
    kernels.apply(Move.adam, w, m, v, d, 1, 0, bytes)
    const at = (from: number): Matrix => ({ rows, cols, data: copyOut(from, data.length) })
    return { weight: at(w), first: at(m), second: at(v) }
  }

  const activate = (kind: number, a: Matrix): Matrix => {
    const panels = panelsOf(a.data.length)
    const [from, to] = places(panels * PANEL * FLOAT, panels * PANEL * FLOAT) as [number, number]
    copyIn(from, a)
    // element by element, so that it does not matter how they lie
    kernels.activate(kind, from, to, panels, panels, 1)
    return { rows: a.rows, cols: a.cols, data: copyOut(to, a.data.length) }
  }

  const softmax = (a: Matrix): Matrix => {
    const [at, staging] = places(bytesOf(a.rows, a.cols), a.rows * a.cols * FLOAT) as [number, number]
    pack(a, staging, at)
    kernels.softmax(at, a.rows, a.cols, 0, a.rows)
    return unpack(at, staging, a.rows, a.cols)
  }

  const score: Algebra['score'] = (output, p, input) => {
    requireScorable(output, p, input)
    const { x, mask } = input
    const { rows, cols } = p
    const bytes = bytesOf(rows, cols)
    const [left, right, active, losses, correct, staging] = places(
      bytes,
      bytes,
      rows * FLOAT,
      rows * FLOAT,
      rows * FLOAT,
      rows * cols * FLOAT,
    ) as [number, number, number, number, number, number]
    pack(p, staging, left)
    pack(x, staging, right)
    copyIn(active, mask)
    kernels.scores(SCORES[output], left, right, active, losses, correct, rows, cols, 0, rows)
    let [loss, count, hits] = [0, 0, 0]
    for (let i = 0; i < rows; i++) {
      if (mask.data[i] !== 1) continue
      loss = Math.fround(loss + floats[losses / FLOAT + i]!)
      count++
      hits += floats[correct / FLOAT + i]!
    }
    return output === 'softmax' ? { loss, count, correct: hits } : { loss, count }
  }

  const algebra: Algebra = {
    name: 'binary32',
    numbers: (length) => new Float32Array(length),
    product: (a, b) => sparseProduct(a, b) ?? product(a, b),
    productLeftTransposed: (a, b) => sparseProductLeftTransposed(a, b) ?? productLeftTransposed(a, b),
    productRightTransposed: (a, b) => product(a, transposed(algebra, b)),
    tanh: (a) => activate(KINDS.tanh, a),
    sigmoid: (a) => activate(KINDS.sigmoid, a),
    softmax,
    score,
    moved,
    sensitivities,
  }
  return algebra
}

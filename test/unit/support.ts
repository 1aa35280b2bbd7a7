/** What the unit tests share: bits of floats, values to draw from, and the pieces of an error's message. */

import assert from 'node:assert/strict'
import fc from 'fast-check'

import { PtncnError, type ErrorName } from '../../src/errors.js'
import { at, type Floats, type Matrix } from '../../src/numeric/matrix.js'
import { keyOf, normals, type Key } from '../../src/numeric/random.js'
import { total } from '../../src/numeric/sum.js'
import { config, type Config } from '../../src/ptncn/config.js'
import { initialWeights, mapWeights, type Weights } from '../../src/ptncn/weights.js'
import { SEED } from '../support/property.js'

export { SEED }

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED })

export const { fround } = Math

/** The binary32 bits of numbers, in hex; one NaN is as good as another. */
export const bits = (values: Floats): string[] =>
  Array.from(new Uint32Array(Float32Array.from(values).buffer), (word, i) =>
    Number.isNaN(values[i]) ? 'NaN' : word.toString(16).padStart(8, '0'),
  )

export const bitsOf = (value: number): string => bits([value])[0]!

/** The number whose binary32 bits these are. */
export const fromBits = (hex: string): number => new Float32Array(Uint32Array.of(Number.parseInt(hex, 16)).buffer)[0]!

/** Shape and bits of a matrix. */
export const pictureOf = ({ rows, cols, data }: Matrix) => ({ rows, cols, data: bits(data) })

export const assertSame = (got: Matrix, wanted: Matrix): void => assert.deepEqual(pictureOf(got), pictureOf(wanted))

export const assertSameWeights = (got: Weights, wanted: Weights): void =>
  assert.deepEqual(got.map(pictureOfLayer), wanted.map(pictureOfLayer))

const pictureOfLayer = (layer: Weights[number]): unknown =>
  Object.entries(layer).map(([name, weight]) => [name, pictureOf(weight as Matrix)])

/** Any binary32 number at all: both zeros, subnormals, infinities, NaN. */
export const anyFloat = fc.float()
/** Both zeros, subnormals and infinities, but no NaN. */
export const number = fc.float({ noNaN: true })
/** Both zeros, subnormals and the largest numbers. */
export const finite = fc.float({ noNaN: true, noDefaultInfinity: true })
/** Numbers whose sums and products stay finite. */
export const moderate = fc.float({ noNaN: true, min: -1024, max: 1024 })

/** A matrix of this shape. */
export const matrixOf = (rows: number, cols: number, value: fc.Arbitrary<number> = number): fc.Arbitrary<Matrix> =>
  fc
    .array(value, { minLength: rows * cols, maxLength: rows * cols })
    .map((values) => ({ rows, cols, data: Float32Array.from(values) }))

export const size = fc.integer({ min: 1, max: 7 })

/** A matrix of any small shape. */
export const anyMatrix = (value: fc.Arbitrary<number> = number): fc.Arbitrary<Matrix> =>
  fc.tuple(size, size).chain(([rows, cols]) => matrixOf(rows, cols, value))

/** Two matrices of one shape. */
export const pair = (value: fc.Arbitrary<number> = number): fc.Arbitrary<readonly [Matrix, Matrix]> =>
  fc.tuple(size, size).chain(([rows, cols]) => fc.tuple(matrixOf(rows, cols, value), matrixOf(rows, cols, value)))

export const constant = (rows: number, cols: number, value: number): Matrix => ({
  rows,
  cols,
  data: new Float32Array(rows * cols).fill(value),
})

export const column = (values: readonly number[]): Matrix => ({ rows: values.length, cols: 1, data: Float32Array.from(values) })
export const row = (values: readonly number[]): Matrix => ({ rows: 1, cols: values.length, data: Float32Array.from(values) })

/** A record with some fields changed. */
export const configured = (given: Partial<Config> = {}): Config => config({ units: [3, 4, 2], ...given })

export const KEY: Key = keyOf(7)

/** Weights, biases too, none of them zero. */
export const someWeights = (of: Config, key: Key = KEY): Weights =>
  mapWeights((w, name) => (name === 'b' || name === 'c' ? normals(key, w.rows, w.cols, 0.5) : w), initialWeights(of, key))

export interface Refusal {
  readonly name: ErrorName
  /** what the message quotes first */
  readonly what: string
  readonly expected: RegExp
  readonly got: string
}

/** `run` throws the named error, whose one line says field, expected and got. */
export const assertRefused = (run: () => unknown, { name, what, expected, got }: Refusal): void => {
  assert.throws(run, (error) => isRefusal(error, { name, what, expected, got }))
}

/** True, or an AssertionError that says which part is wrong. */
export const isRefusal = (error: unknown, { name, what, expected, got }: Refusal): true => {
  assert.ok(error instanceof PtncnError, `a PtncnError, not ${String(error)}`)
  assert.equal(error.name, name)
  const { message } = error
  assert.doesNotMatch(message, /[\n\r\u2028\u2029]/)
  const parts = /^"([^"]+)" expected (.+?), got (.*)$/.exec(message)
  assert.ok(parts, message)
  assert.equal(parts[1], what)
  assert.match(message.slice(0, message.lastIndexOf(', got ')), expected)
  const shown = message.slice(message.lastIndexOf(', got ') + ', got '.length)
  assert.ok(shown === got || shown.startsWith(`${got}; `), `got ${shown}, not ${got}`)
  return true
}

/** The bits of a sum, a product, ... of two numbers, one rounding each. */
export const add = (x: number, y: number): number => fround(x + y)
export const times = (x: number, y: number): number => fround(x * y)

/** Matrix element (i, j) from a function. */
export const build = (rows: number, cols: number, of: (i: number, j: number) => number): Matrix => ({
  rows,
  cols,
  data: Float32Array.from({ length: rows * cols }, (_, at) => of(Math.floor(at / cols), at % cols)),
})

/** The definition: four lanes, each from +0; written out. */
export const lanes = (values: Floats, start: number, cols: number): number => {
  const lane = (first: number): number => {
    let sum = 0
    for (let j = first; j < cols; j += 4) sum = add(sum, values[start + j]!)
    return sum
  }
  return add(add(lane(0), lane(1)), add(lane(2), lane(3)))
}

export const squaresOf = (a: Matrix): Matrix => build(a.rows, a.cols, (i, j) => times(at(a, i, j), at(a, i, j)))
export const normByDefinition = (a: Matrix): number => fround(Math.sqrt(total(squaresOf(a))))

/** What was read from JSON, its records with the prototype that every record has. */
export const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]))
}

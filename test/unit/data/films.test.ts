import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'

import { lengthOf, sequenceCount } from '../../../src/data/corpus.js'
import { filmTask } from '../../../src/data/film-task.js'
import { filmByFilm, filmParts, readFilms, type Films } from '../../../src/data/films.js'
import { readNpy } from '../../../src/data/npy.js'
import { recordingInputs, type Recordings } from '../../../src/data/recordings.js'
import { requireTask } from '../../../src/data/task.js'
import { trivialScores } from '../../../src/data/trivial.js'
import { keyOf } from '../../../src/numeric/random.js'
import { holds } from '../../support/property.js'
import { report, returnsOrRefuses } from './refusal.js'

const BYTES = { '|u1': 1, '<f4': 4, '<f8': 8, '>f4': 4, '<i8': 8 } as const
type Type = keyof typeof BYTES

interface Array3 {
  readonly type: Type
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

/** A writer of our own, in version 1 or 2. */
const npy = ({ type, shape, values }: Array3, { version = 1, order = 'False', descr = type as string } = {}): Uint8Array => {
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`
  const start = version === 1 ? 10 : 12
  const header = text.padEnd(64 * Math.ceil((start + text.length + 1) / 64) - start - 1) + '\n'
  const bytes = Buffer.alloc(start + header.length + values.length * BYTES[type])
  bytes.write('\x93NUMPY', 0, 'latin1')
  bytes.set([version, 0], 6)
  if (version === 1) bytes.writeUInt16LE(header.length, 8)
  else bytes.writeUInt32LE(header.length, 8)
  bytes.write(header, start, 'latin1')
  values.forEach((value, i) => {
    const at = start + header.length + i * BYTES[type]
    if (type === '|u1') bytes[at] = value
    else if (BYTES[type] === 4) bytes.writeFloatLE(value, at)
    else bytes.writeDoubleLE(value, at)
  })
  return bytes
}

const idx = (shape: readonly number[], values: readonly number[], type = 8): Uint8Array => {
  const head = Buffer.alloc(4 + 4 * shape.length)
  head.set([0, 0, type, shape.length])
  shape.forEach((size, i) => head.writeUInt32BE(size, 4 + 4 * i))
  return Buffer.concat([head, Buffer.from(values)])
}

const size = fc.integer({ min: 1, max: 4 })
const shapes = fc.tuple(fc.option(size), fc.integer({ min: 2, max: 5 }), size, size)
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)

/** Grey values as inputs, film by film, frame by frame. */
const framesOf = ({ recordings }: Films): number[][][] =>
  Array.from({ length: sequenceCount(recordings) }, (_, film) =>
    recordingInputs(recordings)(Uint32Array.of(film)).map(({ x }) => Array.from(x.data)),
  )

const cut = <Item>(items: readonly Item[], length: number): Item[][] =>
  Array.from({ length: items.length / length }, (_, i) => items.slice(i * length, (i + 1) * length))

test('arrays of bytes and of numbers, in NPY and IDX, of three dimensions and of four, are the films that were written', () => {
  const kind = fc.constantFrom('|u1', '<f4', '<f8', 'idx')
  holds(
    fc.tuple(shapes, kind, fc.constantFrom(1, 2), fc.infiniteStream(fc.nat(255))),
    200,
    ([[count, ...one], type, version, bytes]) => {
      const shape = count === null ? one : [count, ...one]
      const greys = Array.from({ length: product(shape) }, () => bytes.next().value as number)
      const isBytes = type === '|u1' || type === 'idx'
      const values = isBytes ? greys : greys.map((grey) => grey / 255)
      const file = type === 'idx' ? idx(shape, values) : npy({ type: type as Type, shape, values }, { version })
      const moved = new Uint8Array(file.length + 3)
      moved.set(file, 3)
      const films = readFilms(moved.subarray(3), 'x')
      const [frames, rows, cols] = one as [number, number, number]
      assert.deepEqual(films.frame, { rows, cols })
      assert.deepEqual(
        framesOf(films),
        cut(
          cut(
            greys.map((grey) => Math.fround(grey / 255)),
            rows * cols,
          ),
          frames,
        ),
      )
    },
  )
})

const SOME: Array3 = { type: '<f4', shape: [2, 1, 2], values: [0, 0.25, 0.5, 1] }

const REFUSED: readonly (readonly [what: string, bytes: Uint8Array, message: RegExp])[] = [
  ['neither NPY nor IDX', Buffer.from('P5 2 2 255'), /^"x" expected the first bytes of an IDX file/],
  [
    'two dimensions',
    npy({ ...SOME, shape: [2, 2] }),
    /^"x" expected frames x rows x columns, or films x frames x rows x columns, got \[2, 2\]/,
  ],
  ['five dimensions', npy({ ...SOME, shape: [1, 1, 2, 1, 2] }), /^"x" expected frames x rows/],
  ['a film of one frame', npy({ ...SOME, shape: [1, 2, 2] }), /^"x" expected at least one film of 2 frames, got \[1, 1\]/],
  ['no rows', npy({ ...SOME, shape: [2, 0, 2], values: [] }), /^"x" expected frames of 1 to 65536 pixels, got "0 x 2"/],
  [
    'frames too large',
    idx([2, 257, 256], Array(2 * 257 * 256).fill(0)),
    /^"x" expected frames of 1 to 65536 pixels, got "257 x 256"; make/,
  ],
  ['a number above 1', npy({ ...SOME, values: [0, 1, 1.5, 0] }), /^"x, element 2" expected a grey value from 0 to 1, got 1\.5/],
  ['NaN', npy({ ...SOME, values: [0, NaN, 1, 0] }), /^"x, element 1" expected a grey value from 0 to 1, got NaN/],
  [
    'Fortran order',
    npy(SOME, { order: 'True' }),
    /^"x" expected C order, got "Fortran order"; save it as numpy\.ascontiguousarray/,
  ],
  [
    'big-endian numbers',
    npy({ ...SOME, type: '>f4' }),
    /^"x" expected uint8, or little-endian float32 or float64 .*, got ">f4"; save/,
  ],
  ['integers of 64 bits', npy({ ...SOME, type: '<i8' }), /^"x" expected uint8, or little-endian/],
  [
    'a type with the name of what every object has',
    npy(SOME, { descr: 'constructor' }),
    /^"x" expected uint8, or little-endian .*, got "constructor"/,
  ],
  ['an array cut short', npy(SOME).subarray(0, -1), /^"x" expected 144 bytes for 2 x 1 x 2 <f4, got 143/],
  ['an array with bytes behind it', Buffer.concat([npy(SOME), Buffer.from([0])]), /^"x" expected 144 bytes .*, got 145/],
  ['sizes whose product is no number of bytes', npy({ ...SOME, shape: [2 ** 40, 2 ** 40, 2 ** 40] }), /^"x" expected \S+ bytes/],
  ['a header cut short', npy(SOME).subarray(0, 30), /^"x" expected a whole header/],
  ['a version to come', npy(SOME, { version: 4 }), /^"x" expected version 1, 2 or 3 of the format, got 4/],
  ['IDX of numbers', idx([2, 1, 1], Array(8).fill(0), 0x0d), /^"x" expected unsigned bytes, got "binary32 numbers"/],
  ['IDX cut short', idx([2, 1, 2], [1, 2, 3]), /^"x" expected 20 bytes for 2 x 1 x 2 unsigned bytes, got 19/],
]

for (const [what, bytes, message] of REFUSED) {
  test(`${what} is refused`, () => {
    assert.throws(() => readFilms(bytes, 'x'), { name: 'FileError', message })
  })
}

test('whatever has changed in a file, there are films or one line that says why not', () => {
  const whole = npy({ ...SOME, type: '|u1', values: [1, 2, 3, 4] })
  let [tried, refused] = [0, 0]
  const changes = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
  holds(changes, 1000, (bytes) => {
    const file = Uint8Array.from(whole)
    for (const [at, byte] of bytes) file[at] = byte
    tried++
    if (!returnsOrRefuses(() => readFilms(file, 'x'))) refused++
  })
  assert.ok(refused > 100)
  report('NPY arrays', tried, refused)
})

const NUMPY = `
import sys, numpy
rng = numpy.random.default_rng(1)
a = rng.integers(0, 256, (3, 4, 5, 2), dtype="uint8")
numpy.save(sys.argv[1] + "/bytes.npy", a)
numpy.save(sys.argv[1] + "/singles.npy", (a / 255).astype("<f4"))
numpy.save(sys.argv[1] + "/doubles.npy", a / 255)
sys.stdout.buffer.write(a.tobytes())
`
const absent = spawnSync('python3', ['-c', 'import numpy']).status !== 0

test('the arrays that NumPy saves are those that it has', { skip: absent && 'python3 with numpy is not installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-numpy-'))
  try {
    const { stdout, stderr } = spawnSync('python3', ['-c', NUMPY, folder])
    assert.equal(stderr.toString(), '')
    for (const name of ['bytes', 'singles', 'doubles']) {
      const { shape, values } = readNpy(readFileSync(join(folder, `${name}.npy`)), name)
      assert.deepEqual(shape, [3, 4, 5, 2])
      assert.deepEqual(
        Array.from(values),
        Array.from(stdout, (byte) => (name === 'bytes' ? byte : Math.fround(byte / 255))),
      )
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Films of one pixel, each frame of which says where it is from. */
const numbered = (lengths: readonly number[]): Films => {
  const starts = Uint32Array.from([0, ...lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b))])
  const values = Uint8Array.from(lengths.flatMap((length, film) => Array<number>(length).fill(film)))
  return { frame: { rows: 1, cols: 1 }, recordings: { width: 1, values, full: 255, starts } }
}
const lengthsOf = (part: Recordings): number[] => Array.from({ length: sequenceCount(part) }, (_, i) => lengthOf(part, i))

test('of three films or more the last are held out whole, a twentieth for each part and at least one; long ones are cut', () => {
  const few = filmParts(numbered([5, 6, 7]), 3, 'x')
  assert.deepEqual([few.training, few.held.validation, few.held.test].map(lengthsOf), [
    [3, 2],
    [3, 3],
    [3, 4],
  ])
  const many = filmParts(numbered(Array<number>(60).fill(4)), 10, 'x')
  assert.deepEqual(
    [many.training, many.held.validation, many.held.test].map(({ values }) => [values[0], values.at(-1), values.length]),
    [
      [0, 53, 216],
      [54, 56, 12],
      [57, 59, 12],
    ],
  )
})

test('of one film or two their pieces are held out, and too few of them are refused with how many are needed', () => {
  const { training, held } = filmParts(numbered([10, 10]), 5, 'x')
  assert.deepEqual([training, held.validation, held.test].map(lengthsOf), [[5, 5], [5], [5]])
  assert.throws(() => filmParts(numbered([4, 4]), 4, 'x'), {
    name: 'FileError',
    message:
      /^"x" expected at least 3 films, or as many pieces of 4 frames, to train, to validate and to test, got 2; give more, or a smaller --frames$/,
  })
})

test('films as a task: sigmoid outputs, the size of a frame, and the marks of bouncing images', () => {
  const values = Uint8Array.from({ length: 8 * 6 * 6 }, (_, i) => (i * 37) % 256)
  const starts = Uint32Array.from({ length: 9 }, (_, i) => i * 6)
  const films: Films = { frame: { rows: 2, cols: 3 }, recordings: { width: 6, values, full: 255, starts } }
  const task = filmTask({ films, frames: 3, rows: 4, batching: 'random', path: 'x' })
  requireTask(task)
  const { inputs, output, unit, frame, epoch, title } = task
  assert.deepEqual([inputs, output, unit, frame, epoch], [6, 'sigmoid', 'nats a frame', { rows: 2, cols: 3 }, 3])
  assert.match(title, /^8 films of 48 frames, 2 x 3, in pieces of 3 frames, 12 to train, then 2 to validate, then 2 to test, /)
  const whole = {
    ...films.recordings,
    values: values.subarray(0, 6 * 36),
    starts: Uint32Array.from({ length: 13 }, (_, i) => 3 * i),
  }
  const training = [{ inputs: recordingInputs(whole)(Uint32Array.from({ length: 12 }, (_, i) => i)) }]
  const { floor, copyLast, meanFrame } = trivialScores(training, task.held('test'))
  const near = (got: number, wanted: number): void => assert.ok(Math.abs(got - wanted) <= 1e-9 * wanted, `${got}, not ${wanted}`)
  const marks = task.marks('test')
  assert.deepEqual(
    marks.map(({ label }) => label),
    ['floor', 'copy last', 'mean frame'],
  )
  marks.forEach(({ value }, i) => near(value, [floor, copyLast, meanFrame][i]!))
  assert.equal(task.training(keyOf(1), 0).inputs.length, 3)
})

test('films that lie side by side, as those of Moving MNIST do, are taken one after the other', () => {
  // frame t of film n has the two pixels 10 n + t and 100 + 10 n + t
  const frame = (t: number, n: number): number[] => [10 * n + t, 100 + 10 * n + t]
  const side = Uint8Array.from([0, 1, 2].flatMap((t) => [0, 1].flatMap((n) => frame(t, n))))
  assert.deepEqual(
    [...filmByFilm(side, [3, 2, 2])],
    [0, 1].flatMap((n) => [0, 1, 2].flatMap((t) => frame(t, n))),
  )
})

test('Moving MNIST is read as 10,000 films of 20 frames', { timeout: 120_000 }, () => {
  const [frames, films, pixels] = [20, 10_000, 64 * 64]
  const header = npy({ type: '|u1', shape: [frames, films, 64, 64], values: [] })
  const bytes = new Uint8Array(header.length + frames * films * pixels)
  bytes.set(header)
  // the first pixel of each frame says its t
  for (let at = 0; at < frames * films; at++) bytes[header.length + at * pixels] = Math.floor(at / films)
  const { recordings } = readFilms(bytes, 'moving.npy')
  assert.equal(sequenceCount(recordings), films)
  for (const n of [0, 1, films - 1])
    assert.deepEqual(
      Array.from({ length: frames }, (_, t) => recordings.values[(n * frames + t) * pixels]),
      Array.from({ length: frames }, (_, t) => t),
    )
})

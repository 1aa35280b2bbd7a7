/** The compiled kernels as functions on one memory. What they do is said in `assembly`, where each has its file. */

import { mismatch } from '../../../errors.js'
import type { Loss, Move, Unit } from './numbers.js'
import { KERNELS, WIDE_KERNELS } from './binary.js'

/** Addresses and sizes are whole numbers, sizes in bytes where they are called so. */
export interface Kernels {
  product(a: number, w: number, c: number, rows: number, batch: number, depth: number, panels: number, adds: boolean): void
  outer(
    a: number,
    d: number,
    out: number,
    lanes: number,
    batch: number,
    rowPanels: number,
    colPanels: number,
    factor: number,
    scale: number,
  ): void
  columnSums(d: number, out: number, lanes: number, batch: number, panels: number, scale: number): void
  gather(
    x: number,
    index: number,
    w: number,
    c: number,
    batch: number,
    depth: number,
    panels: number,
    from: number,
    to: number,
  ): void
  scatter(
    x: number,
    index: number,
    d: number,
    out: number,
    lanes: number,
    batch: number,
    depth: number,
    first: number,
    rowPanels: number,
    colPanels: number,
    scale: number,
  ): void
  makeIndex(x: number, index: number, batch: number, panels: number): void
  activate(unit: Unit, a: number, z: number, rows: number, batch: number, panels: number): void
  addBias(a: number, bias: number, rows: number, batch: number, panels: number): void
  clearPads(at: number, rows: number, used: number): void
  difference(mask: number, left: number, right: number, out: number, rows: number, batch: number, panels: number): void
  differenceRows(
    mask: number,
    left: number,
    right: number,
    out: number,
    batch: number,
    panels: number,
    from: number,
    to: number,
  ): void
  draw(
    z: number,
    row: number,
    rows: number,
    batch: number,
    panel: number,
    panels: number,
    place: number,
    t: number,
    key0: number,
    key1: number,
  ): void
  keep(a: number, d: number, rows: number, batch: number, panels: number): void
  drive(mask: number, a: number, d: number, window: number, rows: number, batch: number, panels: number): void
  subtract(left: number, right: number, out: number, rows: number, batch: number, panels: number): void
  correct(
    c: number,
    e: number,
    a: number,
    alpha: number,
    lambda: number,
    beta: number,
    rows: number,
    batch: number,
    panels: number,
  ): void
  softmax(x: number, batch: number, cols: number, from: number, to: number): void
  scores(
    loss: Loss,
    p: number,
    x: number,
    mask: number,
    losses: number,
    correct: number,
    batch: number,
    cols: number,
    from: number,
    to: number,
  ): void
  setOptimizer(rate: number, momentum: number, beta1: number, beta2: number, decay: number, epsilon: number): void
  setRate(rate: number): void
  setPowers(power1: number, power2: number): void
  setReduction(pre: number, post: number, r: number, norm: number): void
  apply(move: Move, w: number, first: number, second: number, d: number, panels: number, stride: number, block: number): void
  combineRows(lanes: number, sums: number, rows: number): void
  normOf(sums: number, rows: number): number
  fade(w: number, panels: number, stride: number, block: number, part: number): void
  project(w: number, lanes: number, panels: number, stride: number, rows: number, maxNorm: number): void
  follow(d: number, sums: number, rows: number, panels: number, r: number, norm: number, gamma: number, scale: number): void
  applyTransposed(
    move: Move,
    w: number,
    first: number,
    second: number,
    d: number,
    rowPanels: number,
    colPanels: number,
    room: number,
  ): void
  sumSquaresOne(a: number, d: number, lanes: number, rowPanels: number, colPanels: number, factor: number, scale: number): void
  applyOne(
    move: Move,
    w: number,
    first: number,
    second: number,
    a: number,
    d: number,
    room: number,
    rowPanels: number,
    colPanels: number,
    stride: number,
    factor: number,
  ): void
  check(at: number, rows: number, batch: number, panels: number): void
  /** 1 where a number whose size is above `most`, as bits, was looked at since the last call; a NaN is above all */
  sawAbove(most: number): number
  pack(from: number, to: number, rows: number, cols: number, high: number): void
  unpack(from: number, to: number, rows: number, cols: number, high: number): void
  /** the probe of benchmarks: 48 operations a round */
  peak(rounds: number): number
}

/** A WebAssembly.Memory that threads share. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}

/** The part of WebAssembly that is used; the types of Node and of the language alone do not have it. */
declare const WebAssembly: {
  readonly Memory: new (of: { initial: number; maximum: number; shared: true }) => SharedMemory
  compile(bytes: Uint8Array): Promise<object>
  instantiate(module: object, imports: object): Promise<{ readonly exports: object }>
}

/** The bits of the largest finite number. */
export const FINITE = 0x7f7fffff

const PAGE = 65536
/** The most that the kernels can address; memory that is never touched costs nothing. */
const MOST_PAGES = 65536

/** What the system gives or, where it gives no more, an error that says how to get it. */
const given = <Value>(bytes: number, take: () => Value): Value => {
  try {
    return take()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    const remedy =
      'raise the limit of address space (ulimit -v), start Node with --disable-wasm-trap-handler, or make the network smaller'
    throw mismatch('EngineError', 'memory', `${bytes} bytes for WebAssembly, and address space around them`, 'none', remedy)
  }
}

/** A memory of at least `bytes` that threads can share. @throws EngineError where there is none */
export const createMemory = (bytes: number): SharedMemory => {
  if (typeof WebAssembly === 'undefined')
    throw mismatch(
      'EngineError',
      'WebAssembly',
      'it to be there',
      'nothing',
      'start Node without --jitless, or use the reference engine',
    )
  const initial = Math.max(1, Math.ceil(bytes / PAGE))
  return given(bytes, () => new WebAssembly.Memory({ initial, maximum: MOST_PAGES, shared: true }))
}

/** Makes a memory hold at least `bytes`. @throws EngineError beyond 4 GiB or what the machine gives */
export const growTo = (memory: SharedMemory, bytes: number): void => {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE)
  if (missing > 0) given(bytes, () => memory.grow(missing))
}

/** @throws ConfigError where the model of a network, of so many bytes, is more than the kernels can address */
export const requireAddressable = (bytes: number): void => {
  if (bytes <= MOST_PAGES * PAGE) return
  const expected = `at most ${MOST_PAGES * PAGE} bytes of weights and what the optimiser keeps of them, all that WebAssembly can address`
  throw mismatch('ConfigError', 'units', expected, bytes, 'take fewer')
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (digit) => digit.charCodeAt(0))

const compiled = new Map<string, Promise<object>>()

/** A module, compiled once for all engines of a thread. */
const compiledOnce = (base64: string): Promise<object> => {
  const before = compiled.get(base64) ?? WebAssembly.compile(bytesOf(base64))
  compiled.set(base64, before)
  return before
}

/** In the order of `Unit`. */
const ACTIVATIONS = ['Tanh', 'Sigmoid', 'Relu', 'Relu6', 'Ltanh', 'Sign', 'Step', 'Identity'] as const
type Activate = (a: number, z: number, rows: number, batch: number, panels: number) => void
type Exports = Omit<Kernels, 'activate'> & Readonly<Record<`activate${(typeof ACTIVATIONS)[number]}`, Activate>>

/** The kernels on a memory; which of them, see wide.ts. */
export const instantiate = async (memory: SharedMemory, wide = false): Promise<Kernels> => {
  const instance = await WebAssembly.instantiate(await compiledOnce(wide ? WIDE_KERNELS : KERNELS), { env: { memory } })
  const exports = instance.exports as Exports
  const byUnit = ACTIVATIONS.map((name) => exports[`activate${name}`])
  return { ...exports, activate: (unit, a, z, rows, batch, panels) => byUnit[unit]!(a, z, rows, batch, panels) }
}

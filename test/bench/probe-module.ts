/**
 * A WebAssembly module, written byte by byte, that finds the machine's limits:
 *
 *     peak(n)            n rounds of 56 products and sums of 128 bits, 14 chains side by side; returns their sum
 *     update(a, b, n)    b += 0.5 a over n blocks of 64 bytes: reads both, writes one
 */

const [F32, I32, V128] = [0x7d, 0x7f, 0x7b]
/** As many as sixteen registers hold beside the constant and one that the compiler keeps: they hide the latency. */
const CHAINS = 14
const UNROLLED = 2
const LANES = 4

/** Operations of one round of `peak`: a product and a sum in each lane. */
export const OPERATIONS = CHAINS * UNROLLED * LANES * 2
/** Bytes of one block, and what `update` moves of it: two read, one written. */
export const BLOCK = 64
export const BYTES_MOVED = 3 * BLOCK

type Code = readonly number[]

const unsigned = (value: number): Code => (value < 128 ? [value] : [(value % 128) | 128, ...unsigned(Math.floor(value / 128))])
const vector = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()]
const sized = (code: Code): Code => [...unsigned(code.length), ...code]
const section = (id: number, code: Code): Code => [id, ...sized(code)]
const text = (name: string): Code => sized([...new TextEncoder().encode(name)])

const get = (local: number): Code => [0x20, ...unsigned(local)]
const set = (local: number): Code => [0x21, ...unsigned(local)]
/** A constant from 0 to 127: the second byte keeps bit 6 from being read as a sign. */
const integer = (value: number): Code => [0x41, value | 128, 0]
const float = (value: number): Code => [0x43, ...new Uint8Array(new Float32Array([value]).buffer)]
const SPLAT: Code = [0xfd, 0x13]
const LANE_0: Code = [0xfd, 0x1f, 0]
const MULTIPLY: Code = [0xfd, 0xe6, 0x01]
const ADD: Code = [0xfd, 0xe4, 0x01]
const load = (offset: number): Code => [0xfd, 0x00, 4, ...unsigned(offset)]
const store = (offset: number): Code => [0xfd, 0x0b, 4, ...unsigned(offset)]
const [ADD_F32, ADD_I32, SUBTRACT_I32, END]: readonly [number, number, number, number] = [0x92, 0x6a, 0x6b, 0x0b]

/** The body again and again until the local, less one each time, is 0. */
const loop = (local: number, body: Code): Code => [
  0x03,
  0x40,
  ...body,
  ...get(local),
  ...integer(1),
  SUBTRACT_I32,
  0x22,
  ...unsigned(local),
  0x0d,
  0,
  END,
]

const body = (locals: readonly (readonly [number, number])[], code: Code): Code =>
  sized([...vector(locals.map(([count, type]) => [...unsigned(count), type])), ...code, END])

const peakBody = (): Code => {
  const half = 1
  const chains = Array.from({ length: CHAINS }, (_, i) => 2 + i)
  const step = chains.flatMap((a) => [...get(a), ...get(half), ...MULTIPLY, ...get(half), ...ADD, ...set(a)])
  return body(
    [[1 + CHAINS, V128]],
    [
      ...float(0.5),
      ...SPLAT,
      ...set(half),
      ...chains.flatMap((a) => [...float(a), ...SPLAT, ...set(a)]),
      ...loop(0, Array.from({ length: UNROLLED }, () => step).flat()),
      ...chains.flatMap((a, i) => [...get(a), ...LANE_0, ...(i > 0 ? [ADD_F32] : [])]),
    ],
  )
}

const updateBody = (): Code => {
  const [a, b, n, factor] = [0, 1, 2, 3]
  const part = (offset: number): Code => [
    ...get(b),
    ...get(b),
    ...load(offset),
    ...get(a),
    ...load(offset),
    ...get(factor),
    ...MULTIPLY,
    ...ADD,
    ...store(offset),
  ]
  const forward = (pointer: number): Code => [...get(pointer), ...integer(BLOCK), ADD_I32, ...set(pointer)]
  return body(
    [[1, V128]],
    [...float(0.5), ...SPLAT, ...set(factor), ...loop(n, [...[0, 16, 32, 48].flatMap(part), ...forward(a), ...forward(b)])],
  )
}

export const probeModule = (): Uint8Array<ArrayBuffer> => {
  const type = (parameters: Code, results: Code): Code => [0x60, ...sized(parameters), ...sized(results)]
  return Uint8Array.from([
    0x00,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, vector([type([I32], [F32]), type([I32, I32, I32], [])])),
    ...section(2, vector([[...text('env'), ...text('memory'), 0x02, 0x00, 0]])),
    ...section(3, vector([[0], [1]])),
    ...section(
      7,
      vector([
        [...text('peak'), 0, 0],
        [...text('update'), 0, 1],
      ]),
    ),
    ...section(10, vector([peakBody(), updateBody()])),
  ])
}

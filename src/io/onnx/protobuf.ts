/**
 * Protocol buffers, as far as a writer needs them: a field is its number and its kind, then what it holds. Parts are lists
 * of pieces, so that what is large is copied once, when all are put together.
 */

/** One or more encoded fields. */
export type Part = readonly Uint8Array[]

/** How what follows is told apart; there are others, which nothing here has. */
const KIND = { varint: 0, bytes: 2 } as const

/** Seven bits a byte, the lowest first; the highest bit says that more follow. Below 0 as 64 bits. */
const varint = (value: number): Uint8Array => {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.of(...bytes, Number(rest))
}

const tag = (field: number, kind: number): Uint8Array => varint(field * 8 + kind)

export const sizeOf = (part: Part): number => part.reduce((size, piece) => size + piece.length, 0)

/** A whole number. */
export const whole = (field: number, value: number): Part => [tag(field, KIND.varint), varint(value)]

export const bytes = (field: number, value: Uint8Array): Part => [tag(field, KIND.bytes), varint(value.length), value]

export const text = (field: number, value: string): Part => bytes(field, new TextEncoder().encode(value))

/** A record within a record. */
export const message = (field: number, ...parts: readonly Part[]): Part => {
  const inner = parts.flat()
  return [tag(field, KIND.bytes), varint(sizeOf(inner)), ...inner]
}

/** A field for each of several. */
export const each = <Value>(values: readonly Value[], part: (value: Value) => Part): Part => values.flatMap(part)

/** All of them, one after another. */
export const join = (...parts: readonly Part[]): Uint8Array => {
  const pieces = parts.flat()
  const joined = new Uint8Array(sizeOf(pieces))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}

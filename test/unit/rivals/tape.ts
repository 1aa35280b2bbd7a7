/** Derivatives of numbers by the chain rule, number by number: slow, and nothing to do with the matrices of the rivals. */

export interface Value {
  readonly v: number
  /** what it was made of, and its derivatives by that */
  readonly from: readonly (readonly [Value, number])[]
}

export const leaf = (v: number): Value => ({ v, from: [] })
/** The number, of which nothing more is known: the gradient stops here. */
export const detached = ({ v }: Value): Value => leaf(v)
export const sum = (...all: readonly Value[]): Value => ({
  v: all.reduce((total, { v }) => total + v, 0),
  from: all.map((a) => [a, 1] as const),
})
export const times = (a: Value, b: Value): Value => ({
  v: a.v * b.v,
  from: [
    [a, b.v],
    [b, a.v],
  ],
})
export const dot = (a: readonly Value[], b: readonly Value[]): Value => sum(...a.map((value, i) => times(value, b[i]!)))
export const scaled = (factor: number, a: Value): Value => ({ v: factor * a.v, from: [[a, factor]] })
export const minus = (a: Value, b: Value): Value => sum(a, scaled(-1, b))
export const over = (a: Value, b: Value): Value => ({
  v: a.v / b.v,
  from: [
    [a, 1 / b.v],
    [b, -a.v / (b.v * b.v)],
  ],
})
export const relu = (a: Value): Value => (a.v > 0 ? sum(a) : leaf(0))
export const tanh = (a: Value): Value => ({ v: Math.tanh(a.v), from: [[a, 1 - Math.tanh(a.v) ** 2]] })
export const exp = (a: Value): Value => ({ v: Math.exp(a.v), from: [[a, Math.exp(a.v)]] })
export const log = (a: Value): Value => ({ v: Math.log(a.v), from: [[a, 1 / a.v]] })
export const sigmoid = (a: Value): Value => over(leaf(1), sum(leaf(1), exp(scaled(-1, a))))

/** The derivatives of `of` by all values that it was made of. */
export const derivatives = (of: Value): ReadonlyMap<Value, number> => {
  const order: Value[] = []
  const seen = new Set<Value>()
  const visit = (value: Value): void => {
    if (seen.has(value)) return
    seen.add(value)
    for (const [part] of value.from) visit(part)
    order.push(value)
  }
  visit(of)
  const by = new Map<Value, number>([[of, 1]])
  for (const value of order.reverse()) {
    for (const [part, d] of value.from) by.set(part, (by.get(part) ?? 0) + d * by.get(value)!)
  }
  return by
}

/** O1 to O4 and the scores, element by element, one rounding an operation; as ./naive.ts. */

import { log } from '../../src/numeric/elementary.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import type { Config } from '../../src/ptncn/config.js'
import { isBias, type WeightName } from '../../src/ptncn/weights.js'
import { build, clipped, el, lanes } from './naive.js'

const { fround, sqrt } = Math

/** O1 and O2, of one update. */
export const reduced = (config: Config, d: Matrix, mask: Matrix): Matrix => {
  const active = Array.from(mask.data).filter((m) => m === 1).length
  const perRow = fround(1 / (config.mean === 'all' ? mask.rows : Math.max(1, active)))
  const mean = (a: Matrix): Matrix => build(a.rows, a.cols, (i, j) => fround(el(a, i, j) * perRow))
  return config.clipOrder === 'clip-mean' ? mean(clipped(config.clip, d)) : clipped(config.clip, mean(d))
}

/** A weight with what its optimiser remembers of it. */
export interface Slot {
  readonly w: Matrix
  readonly first?: Matrix | undefined
  readonly second?: Matrix | undefined
}

interface Element {
  readonly w: number
  readonly first: number
  readonly second: number
}

/** fl(fl(kept old) + fl(fl(1 - kept) fresh)) */
const blend = (kept: number, old: number, fresh: number): number => fround(fround(kept * old) + fround(fround(1 - kept) * fresh))

const step = (rate: number, epsilon: number, m: number, v: number): number =>
  fround(fround(rate * m) / fround(fround(sqrt(v)) + epsilon))

/** O3 for one element; `powers` are beta1^k and beta2^k. */
const moved = (config: Config, powers: readonly [number, number], { w, first, second }: Element, d: number): Element => {
  const { rate, momentum: mu, beta1, beta2, decay, epsilon } = config
  const v = fround(fround(mu * first) + d)
  switch (config.optimizer) {
    case 'sgd':
      return { w: fround(w - fround(rate * d)), first, second }
    case 'momentum':
      return { w: fround(w - fround(rate * v)), first: v, second }
    case 'nesterov': {
      const change = fround(fround(rate * d) + fround(rate * fround(mu * v)))
      return { w: fround(w - change), first: v, second }
    }
    case 'adam': {
      const [m, s] = [blend(beta1, first, d), blend(beta2, second, fround(d * d))]
      const [c1, c2] = powers.map((power) => fround(1 / fround(1 - power))) as [number, number]
      return { w: fround(w - step(rate, epsilon, fround(c1 * m), fround(c2 * s))), first: m, second: s }
    }
    case 'rmsprop': {
      const s = blend(decay, second, fround(d * d))
      return { w: fround(w - step(rate, epsilon, d, s)), first, second: s }
    }
  }
}

/** The rate of a weight: less in a matrix of more rows than `rateFanIn`, but for M_1. */
const rated = (config: Config, label: string, rows: number): Config => {
  const { rate, rateFanIn: most } = config
  const less = most > 0 && rows > most && label !== 'M_1' && !label.startsWith('b') && !label.startsWith('c')
  return less ? { ...config, rate: fround(rate * fround(most / rows)) } : config
}

/** O5 */
const faded = (part: number, w: Matrix): Matrix =>
  build(w.rows, w.cols, (i, j) => fround(el(w, i, j) - fround(part * el(w, i, j))))

/** O4 */
const projected = (maxNorm: number, w: Matrix): Matrix =>
  build(w.rows, w.cols, (i, j) => {
    const length = fround(sqrt(lanes(w.cols, (k) => fround(el(w, i, k) * el(w, i, k)))))
    return maxNorm > 0 && length > maxNorm ? fround(fround(el(w, i, j) * maxNorm) / length) : el(w, i, j)
  })

/** O3, O5 and O4 of one weight. */
export const applied = (
  config: Config,
  name: WeightName,
  l: number,
  powers: readonly [number, number],
  slot: Slot,
  d: Matrix,
): Readonly<Record<keyof Slot, Matrix>> => {
  const part = (field: keyof Element): Matrix =>
    build(d.rows, d.cols, (i, j) => {
      const element = {
        w: el(slot.w, i, j),
        first: slot.first ? el(slot.first, i, j) : 0,
        second: slot.second ? el(slot.second, i, j) : 0,
      }
      return moved(rated(config, `${name}_${l}`, d.rows), powers, element, el(d, i, j))[field]
    })
  const w = part('w')
  const kept = config.weightDecay > 0 ? faded(config.weightDecay, w) : w
  return { w: isBias(name) ? w : projected(config.maxNorm, kept), first: part('first'), second: part('second') }
}

const floored = (p: number): number => (p <= 0 ? fround(1e-8) : p)
const rest = (p: number): number => fround(1 - p)

/** S1 to S3 of one row. */
const rowLoss = (output: Config['output'], p: Matrix, x: Matrix, i: number): number => {
  const [of, xOf] = [(j: number) => el(p, i, j), (j: number) => el(x, i, j)]
  if (output === 'identity') {
    return fround(0.5 * lanes(p.cols, (j) => fround(fround(of(j) - xOf(j)) * fround(of(j) - xOf(j)))))
  }
  const on = (j: number): number => fround(xOf(j) * log(floored(of(j))))
  if (output === 'softmax') return -lanes(p.cols, on)
  return -lanes(p.cols, (j) => fround(on(j) + fround(rest(xOf(j)) * log(floored(rest(of(j)))))))
}

const firstLargest = (a: Matrix, i: number): number => {
  const row = Array.from({ length: a.cols }, (_, j) => el(a, i, j))
  return row.indexOf(Math.max(...row))
}

/** S1 to S4 of one step. */
export const scored = (output: Config['output'], p: Matrix, x: Matrix, mask: Matrix) => {
  const rows = Array.from({ length: p.rows }, (_, i) => i).filter((i) => el(mask, i, 0) === 1)
  const loss = rows.reduce((total, i) => fround(total + rowLoss(output, p, x, i)), 0)
  const correct = rows.filter((i) => firstLargest(p, i) === firstLargest(x, i)).length
  return { loss, count: rows.length, ...(output === 'softmax' && { correct }) }
}

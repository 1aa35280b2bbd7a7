/** The few figures that are made of many measurements. */

import { mismatch } from '../../src/errors.js'

/** The middle value, or the mean of the two in the middle. */
export const median = (values: readonly number[]): number => {
  if (values.length === 0) throw mismatch('ShapeError', 'values', 'at least one number', values)
  const sorted = [...values].sort((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** The least value that so large a part of all does not exceed: 0.99 of 100 values, the 99th. */
export const quantile = (part: number, values: readonly number[]): number => {
  if (values.length === 0) throw mismatch('ShapeError', 'values', 'at least one number', values)
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!
}

/** k of y = c x^k, by least squares on the logarithms. */
export const fittedExponent = (xs: readonly number[], ys: readonly number[]): number => {
  if (new Set(xs).size < 2 || xs.length !== ys.length) {
    throw mismatch('ShapeError', 'points', 'at least two different x, and a y for each', [xs.length, ys.length])
  }
  const [u, v] = [xs.map(Math.log), ys.map(Math.log)]
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanU, meanV] = [mean(u), mean(v)]
  const slope = (f: (i: number) => number): number => u.reduce((sum, value, i) => sum + (value - meanU) * f(i), 0)
  return slope((i) => v[i]! - meanV) / slope((i) => u[i]! - meanU)
}

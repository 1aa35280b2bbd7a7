import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { trivialScores } from '../../../src/data/trivial.js'
import type { Sequence } from '../../../src/engine/engine.js'
import { fromRows, type Matrix } from '../../../src/numeric/matrix.js'
import { inputOf } from '../../../src/ptncn/state.js'
import { holds } from '../../support/property.js'
import { column } from '../support.js'

const sequence = (...frames: Matrix[]): Sequence => ({ inputs: frames.map((x) => inputOf(x)) })
const near = (got: number, wanted: number): void =>
  assert.ok(Math.abs(got - wanted) <= 1e-5 * Math.max(1, Math.abs(wanted)), `${got}, not ${wanted}`)
const surprise = (x: number, p: number): number => -(x * Math.log(p) + (1 - x) * Math.log(1 - p))

/** Frames 2 and 3 have a mean of [1/2, 1/4]; frame 1 is far from it, and counts only as what is copied. */
const KNOWN = sequence(fromRows([[0.9, 0.1]]), fromRows([[0.75, 0.25]]), fromRows([[0.25, 0.25]]))

test('each score is the mean over frames 2, 3, ... of the cross-entropy summed over pixels', () => {
  const { meanFrame, copyLast, floor } = trivialScores([KNOWN], [KNOWN])
  const mean = (a: number, b: number): number => (a + b) / 2
  near(floor, mean(surprise(0.75, 0.75) + surprise(0.25, 0.25), surprise(0.25, 0.25) * 2))
  near(meanFrame, mean(surprise(0.75, 0.5) + surprise(0.25, 0.25), surprise(0.25, 0.5) + surprise(0.25, 0.25)))
  near(copyLast, mean(surprise(0.75, 0.9) + surprise(0.25, 0.1), surprise(0.25, 0.75) + surprise(0.25, 0.25)))
})

test('the mean frame is that of the training sequences', () => {
  const training = sequence(fromRows([[0, 0]]), fromRows([[0.5, 0.125]]))
  const { meanFrame } = trivialScores([training], [sequence(fromRows([[0, 0]]), fromRows([[1, 0]]))])
  near(meanFrame, -Math.log(0.5) - Math.log(0.875))
})

test('copying black where there is light costs ln 1e8 a pixel, and black is free in the floor', () => {
  const lit = sequence(fromRows([[0, 0, 0]]), fromRows([[1, 0, 1]]))
  const { copyLast, floor } = trivialScores([lit], [lit])
  near(copyLast, 2 * Math.log(1e8))
  assert.equal(floor, 0)
})

test('rows without data count in none of the scores', () => {
  const masked: Sequence = {
    inputs: [
      [0.5, 0.5],
      [0.5, 0.9],
      [0.25, 0.1],
    ].map((values) => ({ x: column(values), mask: column([1, 0]) })),
  }
  const alone = sequence(fromRows([[0.5]]), fromRows([[0.5]]), fromRows([[0.25]]))
  assert.deepEqual(trivialScores([masked], [masked]), trivialScores([alone], [alone]))
})

test('nothing scores below the floor', () => {
  const grey = fc.integer({ min: 0, max: 255 }).map((value) => value / 255)
  const frames = fc.array(fc.array(grey, { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 5 })
  holds(frames, 100, (rows) => {
    const one = sequence(...rows.map((row) => fromRows([row])))
    const { meanFrame, copyLast, floor } = trivialScores([one], [one])
    const lowest = Math.min(meanFrame, copyLast)
    assert.ok(floor >= 0 && lowest >= floor - 1e-5, `${[meanFrame, copyLast, floor]}`)
  })
})

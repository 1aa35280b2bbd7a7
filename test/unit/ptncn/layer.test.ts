/** One layer: each equation by hand, in numbers that binary32 holds exactly. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { fromRows, zeros, type Matrix } from '../../../src/numeric/matrix.js'
import type { Config } from '../../../src/ptncn/config.js'
import * as layer from '../../../src/ptncn/layer.js'
import type { LayerWeights } from '../../../src/ptncn/weights.js'
import { assertSame, column, configured, KEY, row } from '../support.js'

const of = (given: Partial<Config> = {}): Config => configured({ alpha: 0.5, beta: 0.25, activation: 'relu', ...given })

/** A layer of two units above one, below one. */
const weights: LayerWeights = {
  W: fromRows([[2], [4]]),
  E: row([1, -2]),
  M: row([3, 5]),
  V: fromRows([
    [1, 0],
    [0, 2],
  ]),
  U: row([7, -1]),
  b: row([0.5, -0.5]),
  c: row([10]),
}
const { b: _b, c: _c, ...unbiased } = weights

test('[A1] what comes from below, from above and from itself is added, then the bias', () => {
  const [below, own, above] = [row([2]), row([1, 1]), row([-1])]
  assertSame(layer.advance(weights, below, own, above), row([6 - 7 + 1 + 0.5, 10 + 1 + 2 - 0.5]))
  assertSame(layer.advance(unbiased, below, own, above), row([6 - 7 + 1, 10 + 1 + 2]))
  assertSame(layer.advance(unbiased, below, own, undefined), row([6 + 1, 10 + 2]))
})

test('[A1] products are added from left to right, each when it is complete', () => {
  const big = 2 ** 24
  const wide: LayerWeights = {
    ...unbiased,
    M: row([big, 0]),
    U: row([1, 0]),
    V: fromRows([
      [1, 0],
      [0, 0],
    ]),
  }
  // (2^24 + 1) + 1 stays 2^24 where 2^24 + (1 + 1) would not
  assertSame(layer.advance(wide, row([1]), row([1, 0]), row([1])), row([big, 0]))
})

const place: layer.Place = { key: KEY, t: 3, level: 1, stage: 0 }

test('[A2] f is taken of each element, by name or as the caller has it', () => {
  assertSame(layer.activate(of(), row([-1, 2]), place), row([0, 2]))
  assertSame(
    layer.activate(of({ activation: (a) => a / 3 }), row([1, -2]), place),
    row([Math.fround(1 / 3), Math.fround(-2 / 3)]),
  )
})

test('[ar-stochastic] a stochastic unit draws by its key, step, level, stage, row and unit', () => {
  const a = zeros(4, 16)
  const drawn = (changed: Partial<layer.Place> = {}): Matrix =>
    layer.activate(of({ activation: 'stochastic' }), a, { ...place, ...changed })
  assertSame(drawn(), drawn())
  for (const changed of [{ key: [1, 2] as const }, { t: 4 }, { level: 2 }, { stage: 1 }, { stage: layer.predictionStage(0) }])
    assert.notDeepEqual(drawn(changed).data, drawn().data, JSON.stringify(changed))
})

test('[P1] the logits are z W + c, and g is the output at the bottom, f or nothing above', () => {
  assertSame(layer.logits(weights, row([1, -1])), row([2 - 4 + 10]))
  assertSame(layer.logits(unbiased, row([1, -1])), row([-2]))
  const s = row([-3, 5])
  const g = (given: Partial<Config>, level: number): Matrix => layer.predict(of(given), s, { ...place, level })
  assertSame(g({ output: 'identity' }, 0), s)
  assertSame(g({ output: 'sigmoid' }, 0), row([0.047425874, 0.9933072]))
  assertSame(g({ output: 'softmax' }, 0), row([0.00033535014, 0.99966466]))
  assertSame(g({ hiddenPrediction: 'identity' }, 1), s)
  assertSame(g({ hiddenPrediction: 'activation' }, 1), row([0, 5]))
})

test('[C1] [C4] errors and corrections of padding rows are 0', () => {
  const [p, z, mask] = [fromRows([[5], [5]]), fromRows([[2], [2]]), column([1, 0])]
  assertSame(layer.predictionError(mask, p, z), fromRows([[3], [0]]))
  assertSame(layer.correction(of(), mask, z, p), column([-3, -0]))
})

test('[C4] of the drive: what is nearer to 0 than the window, and nothing else', () => {
  const [before, after, mask] = [row([0.5, -0.25, 2, NaN]), row([0.25, -0.5, 1, 0]), column([1])]
  const d = (given: Partial<Config>): Matrix => layer.correction(of({ correctionSignal: 'drive', ...given }), mask, before, after)
  assertSame(d({ window: 0.5 }), row([0, 0.25, 0, 0]))
  assertSame(d({ window: 0.75 }), row([0.25, 0.25, 0, 0]))
  for (const window of [0, -1]) assertSame(d({ window }), row([0.25, 0.25, 1, NaN]))
  const state = layer.correction(of({ window: 0.5 }), mask, before, after)
  assertSame(state, row([0.25, 0.25, 1, NaN]))
})

test('[C2] the error below comes up, the own one holds back, and lambda draws a to 0', () => {
  const [eBelow, e, a] = [row([4]), row([2, 2]), row([-1, 3])]
  assertSame(layer.feedback(of(), weights, eBelow, e, a), row([4 - 1, -8 - 1]))
  assertSame(layer.feedback(of(), weights, eBelow, undefined, a), row([4, -8]))
  assertSame(layer.feedback(of({ lambda: 0.125 }), weights, eBelow, e, a), row([4 - 1 - 0.125, -8 - 1 + 0.125]))
})

test('[C3] the state gives way by beta h', () => {
  assertSame(layer.correct(of(), row([1, 2]), row([4, -8])), row([0, 4]))
})

test('[L2] E follows W: clipped where the clip comes before the mean, turned, times gamma', () => {
  const dW = fromRows([[3], [4]])
  assertSame(layer.transposedRule(of({ clip: 0, gamma: 2 }), dW), row([6, 8]))
  assertSame(layer.transposedRule(of({ clip: 2.5 }), dW), row([1.5, 2]))
  assertSame(layer.transposedRule(of({ clip: 2.5, clipOrder: 'mean-clip' }), dW), row([3, 4]))
})

test('[L2] the temporal rule: what d has changed by, times the error below, times -gamma', () => {
  const [eBelow, d, dBefore] = [
    column([2, 1]),
    fromRows([
      [1, 3],
      [4, 4],
    ]),
    fromRows([
      [0, 1],
      [4, 6],
    ]),
  ]
  assertSame(layer.temporalRule(of({ gamma: 0.5 }), eBelow, d, dBefore), row([-1, -1]))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verdict } from '../../../src/experiment/run/verdict.js'

const marks = (values: Readonly<Record<string, number>>) => Object.entries(values).map(([label, value]) => ({ label, value }))

test('a score is told against the best that does not learn, and the floor where it is known', () => {
  const frames = marks({ floor: 40, 'copy last': 400, 'mean frame': 160 })
  assert.equal(
    verdict('nats a frame', 100, frames),
    'better than the mean frame by 60.0 nats a frame, 50 % of the way from there to the floor',
  )
  assert.equal(
    verdict('nats a frame', 200, frames),
    'better than the copy last by 200.0 nats a frame, but worse than the mean frame by 40.0 nats a frame, which needs no learning: train longer, or with another --rate',
  )
  const symbols = marks({ uniform: 5.6, unigram: 4.3, bigram: 3.3 })
  assert.equal(verdict('bits a symbol', 3.1, symbols), 'better than the bigram by 0.200 bits a symbol')
  assert.match(verdict('bits a symbol', 5.7, symbols)!, /^worse than the bigram by 2\.400 bits a symbol, which needs no learning/)
  assert.match(verdict('bits a symbol', 3.3, symbols)!, /but worse than the bigram by 0\.000/, 'as good is not better')
  assert.equal(verdict('bits a symbol', NaN, symbols), undefined)
  assert.equal(verdict('bits a symbol', 1, []), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import type { Snapshot } from '../../src/engine/engine.js'
import { keyOf, normals } from '../../src/numeric/random.js'
import { initialOptimizer } from '../../src/ptncn/apply.js'
import { config } from '../../src/ptncn/config.js'
import { initialState, inputOf, type Input } from '../../src/ptncn/state.js'
import { initialWeights } from '../../src/ptncn/weights.js'
import { windowKeeper } from './controls.js'
import { graphOf } from './no-unrolling.js'
import { engineFrom, reference, referenceOf, withEngine, type EngineOf, type Subject } from './subject.js'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const PIECE = 1000
/**
 * Compiled code and the test runner's own notes come and go; a float kept from each of a million steps is 4
 * MB.
 */
const ALLOWED = 1.5e6

const CONFIG = config({ units: [2, 3, 2], learnFrom: 0 })
const INPUTS: readonly Input[] = Array.from({ length: PIECE }, (_, t) => inputOf(normals(keyOf(t), 1, 2, 1)))

const used = (): number => {
  collectGarbage()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

/** One sequence of `steps` steps, in pieces; what is in use after the first piece, and at the end. */
const follow = (engineOf: EngineOf, steps: number) =>
  withEngine(engineOf, CONFIG, async (engine) => {
    let snapshot: Snapshot = {
      weights: initialWeights(CONFIG, keyOf(1)),
      optimizer: initialOptimizer(CONFIG),
      state: initialState(CONFIG, 1),
    }
    let graph: readonly string[] = []
    let begun = 0
    for (let t = 0; t < steps; t += PIECE) {
      ;({ snapshot } = await engine.train(snapshot, [{ inputs: INPUTS, continues: true, open: true }]))
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${t + PIECE} of ${steps} steps${t + PIECE < steps ? '' : '\n'}`)
      if (t !== 0) continue
      graph = graphOf(snapshot)
      begun = used()
    }
    assert.equal(snapshot.state!.t, steps)
    assert.deepEqual(graphOf(snapshot), graph, 'the snapshot has grown')
    return used() - begun
  })

/** Keeps what every step gave. */
const hoarder = (): Subject => {
  const kept: unknown[] = []
  return {
    ...reference,
    step: (...given) => {
      const result = reference.step(...given)
      kept.push(result)
      return result
    },
  }
}

test('Law 5, [st-carried]: memory after 1,000,000 steps is that after 1,000', async () => {
  const growth = await follow(referenceOf, 1_000_000)
  assert.ok(growth < ALLOWED, `${growth} bytes more are in use`)
})

test('Law 5: memory shows what an engine keeps of every step, but not a window of three inputs', async () => {
  assert.ok((await follow(engineFrom(windowKeeper('A1.a')), 20_000)) < ALLOWED)
  assert.ok((await follow(engineFrom(hoarder()), 20_000)) > ALLOWED)
})

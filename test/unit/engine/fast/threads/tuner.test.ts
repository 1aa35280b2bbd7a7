/** The tuner finds the fastest way, and workers that wait for each other cost little: against a machine made of numbers. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Division } from '../../../../../src/engine/fast/step/context.js'
import { tunerOf } from '../../../../../src/engine/fast/threads/tuner.js'

const WAYS: readonly Division[] = ['alone', 'rows', 'layers']
const STEPS = 64

/** Milliseconds of a step, each way. */
type Machine = Readonly<Record<Division, number>>
const IDLE: Machine = { alone: 2, rows: 1.1, layers: 1.3 }
const SMALL: Machine = { alone: 0.01, rows: 0.02, layers: 0.05 }
/** Every step of two workers waits for the other to get a core. */
const LOADED: Machine = { alone: 20, rows: 200, layers: 600 }

/** Runs jobs for so long, and to a choice, as the machine at hand does them; a job ends with the step at which its patience ends. */
const runOn = (tuner: ReturnType<typeof tunerOf>, machine: Machine, from: number, milliseconds: number) => {
  let [now, steps] = [from, 0]
  while (now < from + milliseconds || tuner.chosen() === undefined) {
    const { by, patience } = tuner.next(STEPS)
    const done = Math.min(STEPS, Math.max(1, Math.ceil(patience / machine[by])))
    now += done * machine[by]
    steps += done
    tuner.took(by, STEPS, done, done * machine[by], now)
  }
  return { now, steps }
}

test('it finds the fastest way: rows, layers, or one alone, and alone where workers are hardly faster', () => {
  for (const [machine, wanted] of [
    [IDLE, 'rows'],
    [{ ...IDLE, rows: 1.5 }, 'layers'],
    [SMALL, 'alone'],
    [{ alone: 1, rows: 0.95, layers: 0.95 }, 'alone'],
  ] as const) {
    const tuner = tunerOf(WAYS)
    assert.equal(tuner.chosen(), undefined)
    runOn(tuner, machine, 0, 5000)
    assert.equal(tuner.chosen(), wanted)
  }
})

test('one way alone is never measured, and has all the patience there is', () => {
  const tuner = tunerOf(['layers'])
  tuner.took('layers', 1, 1, 1e9, 1e9)
  assert.deepEqual(tuner.next(STEPS), { by: 'layers', patience: Infinity })
})

test('under load it falls back to one alone at once, and goes back when the load has gone', () => {
  const tuner = tunerOf(WAYS)
  let { now } = runOn(tuner, IDLE, 0, 3000)
  assert.equal(tuner.chosen(), 'rows')
  ;({ now } = runOn(tuner, LOADED, now, 2000))
  assert.notEqual(tuner.chosen(), 'rows')
  ;({ now } = runOn(tuner, LOADED, now, 60_000))
  assert.equal(tuner.chosen(), 'alone')
  runOn(tuner, IDLE, now, 200_000)
  assert.equal(tuner.chosen(), 'rows')
})

test('a stumble is not for ever: what stands in for the workers makes room for them again', () => {
  const tuner = tunerOf(WAYS)
  const { now } = runOn(tuner, IDLE, 0, 3000)
  tuner.took('rows', STEPS, STEPS, 1000, now + 1000)
  assert.equal(tuner.chosen(), 'alone')
  runOn(tuner, IDLE, now + 1000, 10_000)
  assert.equal(tuner.chosen(), 'rows')
})

test('whatever the machine does, a run takes at most 1.3 times the time of one alone', () => {
  const machines: readonly Machine[] = [
    IDLE,
    SMALL,
    LOADED,
    { alone: 20, rows: 15, layers: 600 },
    { alone: 0.03, rows: 4, layers: 12 },
  ]
  for (const first of machines)
    for (const second of machines) {
      const tuner = tunerOf(WAYS)
      const before = runOn(tuner, first, 0, 30_000)
      const after = runOn(tuner, second, before.now, 120_000)
      for (const [machine, steps, time] of [
        [first, before.steps, before.now],
        [second, after.steps, after.now - before.now],
      ] as const)
        assert.ok(time <= 1.3 * steps * machine.alone, JSON.stringify({ first, second, ratio: time / (steps * machine.alone) }))
    }
})

test('trials are short: on a long run of jobs as long as the tuner lets them be, they take a few steps each', () => {
  const [perStep, trial] = [0.001, 0.01]
  const tuner = tunerOf(WAYS, trial)
  let [now, steps] = [0, 0]
  for (; tuner.chosen() === undefined; steps += 10) {
    const work = Math.min(STEPS * perStep, tuner.longest())
    assert.equal(work, trial)
    const { by } = tuner.next(work)
    tuner.took(by, work, work, IDLE[by] * 10, (now += IDLE[by] * 10))
  }
  assert.equal(tuner.chosen(), 'rows')
  assert.ok(steps <= 200, `${steps} steps`)
  assert.equal(tuner.longest(), Infinity)
  // a job of many steps that follows is no other kind of job
  tuner.took('rows', STEPS * perStep, STEPS * perStep, IDLE.rows * STEPS, now)
  assert.equal(tuner.chosen(), 'rows')
})

test("a job of a trial that is short by the tuner's own word counts, also after long jobs", () => {
  const tuner = tunerOf(WAYS, 1)
  const { now } = runOn(tuner, IDLE, 0, 5000)
  tuner.took('rows', STEPS, STEPS, 1000, now)
  for (let after = now; after < now + 5000;) {
    const work = Math.min(STEPS, tuner.longest())
    const { by } = tuner.next(work)
    tuner.took(by, work, work, IDLE[by] * work, (after += IDLE[by] * work))
  }
  assert.equal(tuner.chosen(), 'rows')
})

test('what was measured on jobs of a few steps is forgotten when long ones come, and the other way round counts for nothing', () => {
  const tuner = tunerOf(WAYS)
  // messages cost more than two steps
  const short = (by: Division): number => (by === 'alone' ? 4 : 5)
  for (let now = 0; now < 100; now += 5) {
    const { by } = tuner.next(2)
    tuner.took(by, 2, 2, short(by), now)
  }
  assert.equal(tuner.chosen(), 'alone')
  const { now } = runOn(tuner, IDLE, 100, 3000)
  assert.equal(tuner.chosen(), 'rows')
  tuner.took('rows', 2, 2, 50, now)
  assert.equal(tuner.chosen(), 'rows')
})

test('a choice of chance is not for ever: one alone that was luckier once is measured again', () => {
  const tuner = tunerOf(WAYS)
  const { now } = runOn(tuner, { alone: 1, rows: 1.2, layers: 1.2 }, 0, 600)
  assert.equal(tuner.chosen(), 'alone')
  // one alone takes what it took, and only workers have become faster
  runOn(tuner, { alone: 1, rows: 0.6, layers: 0.7 }, now, 10_000)
  assert.equal(tuner.chosen(), 'rows')
})

/** Slow for a while, as others use the machine, and fast for a while: `period` milliseconds each. */
const chooseOn = (period: number, begin: number): Division | undefined => {
  const tuner = tunerOf(WAYS)
  let now = begin
  for (let job = 0; tuner.chosen() === undefined; job++) {
    const factor = Math.floor(now / period) % 2 === 0 ? 1 : 1.8
    now = runJob(tuner, factor, now)
  }
  return tuner.chosen()
}

const runJob = (tuner: ReturnType<typeof tunerOf>, factor: number, now: number): number => {
  const { by, patience } = tuner.next(STEPS)
  const each = IDLE[by] * factor
  const done = Math.min(STEPS, Math.max(1, Math.ceil(patience / each)))
  tuner.took(by, STEPS, done, done * each, now + done * each)
  return now + done * each
}

test('a machine that is slow for a while does not make it take one alone', () => {
  const starts = Array.from({ length: 40 }, (_, i) => 20 * i)
  for (const period of [150, 400, 1000]) {
    const alone = starts.filter((begin) => chooseOn(period, begin) === 'alone')
    assert.ok(alone.length <= 2, `slow and fast for ${period} ms: one alone from ${alone.join(', ')} ms on`)
  }
})

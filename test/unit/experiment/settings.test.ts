import assert from 'node:assert/strict'
import { test } from 'node:test'

import { settingsOf } from '../../../src/experiment/settings.js'

test('what suits a task is set where no profile is named, and gives way to what is', () => {
  for (const [task, own] of [
    ['ptb-word', { units: [64], rateFanIn: 0, beta: 0.3, beta2: 0.9999, rate: 0.001, weightScale: 0.11 }],
    ['series', { units: [64, 64], rate: 0.0005, weightScale: 0.11 }],
    ['ptb-char', { units: [256, 256], weightScale: 0.053 }],
  ] as const) {
    const { profile, fields } = settingsOf({ task })
    assert.equal(profile, 'online')
    assert.deepEqual({ ...fields }, own, task)
    assert.deepEqual(settingsOf({ task, profile: 'online' }).fields, { units: own.units }, task)
    const given = { units: [32], rate: 0.01, rateFanIn: 16, beta: 0.2, beta2: 0.99, weightScale: 0.2 }
    assert.deepEqual({ ...settingsOf({ task, ...given }).fields }, given, task)
  }
})

test('the deviation of weights follows the widest layer, and does not grow below 32 units', () => {
  const deviationOf = (units: readonly number[]) => settingsOf({ task: 'reber', units }).fields.weightScale
  assert.deepEqual([[8], [32], [32, 128], [128], [512]].map(deviationOf), [0.15, 0.15, 0.075, 0.075, 0.037])
})

/** What one command writes, every other reads: small runs of all kinds, drawn at random from a seed. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { ptncn, runsFolder } from './support/runs.js'

const { folder, file } = runsFolder()
const [TEXT, SERIES] = [join(folder, 'own.txt'), join(folder, 'own.csv')]
// every line as long as the others: a pass has no padding at all
writeFileSync(TEXT, 'abcdefghi\n'.repeat(100))
writeFileSync(SERIES, Array.from({ length: 200 }, (_, i) => `${i % 7},${(i * i) % 5}`).join('\n'))

const TASKS: readonly (readonly string[])[] = [
  ['--task', 'reber', '--sequences', '24'],
  ['--task', 'text', '--data', TEXT, '--length', '10', '--epochs', '1'],
  ['--task', 'series', '--data', SERIES, '--length', '10', '--sequences', '24'],
  ['--side', '8', '--frames', '4', '--sequences', '24'],
]

const options = fc.record({
  task: fc.constantFrom(...TASKS),
  units: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
  batch: fc.integer({ min: 1, max: 9 }),
  activation: fc.constantFrom('tanh', 'sign', 'stochastic'),
  optimizer: fc.constantFrom('sgd', 'adam', 'nesterov'),
  seed: fc.nat(),
})

const drawn = [...TASKS.keys()].map((i) => ({ ...fc.sample(options, { seed: 20_200 + i, numRuns: 1 })[0]!, task: TASKS[i]! }))

for (const [i, { task, units, ...others }] of drawn.entries()) {
  test(`a run of ${task.slice(0, 2).join(' ')} is read by all commands`, () => {
    const run = join(folder, `run-${i}`)
    const more = Object.entries(others).flatMap(([name, value]) => [`--${name}`, String(value)])
    const commands: readonly (readonly string[])[] = [
      ['train', ...task, '--units', units.join(), ...more, '--workers', '1', '--rate', '0.001', '--out', run],
      ['train', '--resume', run],
      ['eval', run, '--json'],
      ['generate', run, ...(task[1] === '8' ? ['--given', '2', '--out', `${run}.png`] : ['--count', '5'])],
      ['info', join(run, 'checkpoint.safetensors')],
      ['report', run, '--out', `${run}.html`],
      ['draw', run],
      ['train', '--config', join(run, 'config.json'), '--out', `${run}-repeated`],
    ]
    for (const args of commands) {
      const { status, stderr } = ptncn(...args)
      assert.deepEqual([status, stderr], [0, ''], args.join(' '))
    }
    const figures = (name: string) => ({ ...JSON.parse(file(name, 'results.json').toString()), machine: undefined })
    assert.deepEqual(figures(`run-${i}-repeated`), figures(`run-${i}`))
    assert.ok(figures(`run-${i}`).padding === undefined || figures(`run-${i}`).padding >= 0)
  })
}

/**
 * What a step of each method costs, and how that grows: time and the largest memory of a process that trains on one
 * sequence, for longer sequences and for more units. Each figure is a process of its own.
 *
 *     tsx test/bench/growth.ts [FILE]    writes one JSON line a process to FILE, or prints it; the machine should be idle
 */

import { spawnSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Sequence } from '../../src/engine/engine.js'
import { METHODS, methodOf } from '../../src/experiment/compare/methods.js'
import { keyOf, normals, split } from '../../src/numeric/random.js'
import { inputOf } from '../../src/ptncn/state.js'

const INPUTS = 16
const ROWS = 10
const LENGTHS = [100, 1000, 10_000]
const UNITS = [16, 32, 64, 128]
const USUAL = { steps: 100, units: 32 }
/** A method whose time grows so fast that more would say nothing new. */
const MOST: Readonly<Record<string, { readonly steps: number; readonly units: number }>> = { sab: { steps: 1000, units: 128 } }

export interface Growth {
  readonly method: string
  readonly steps: number
  readonly units: number
  readonly millisecondsAStep: number
  /** of the process, at its largest */
  readonly megabytes: number
}

/** A process that has the sequence and does nothing with it. */
const NONE = 'the sequence alone'

/** Zeros and ones of no meaning. */
const sequenceOf = (steps: number): Sequence => ({
  inputs: Array.from({ length: steps }, (_, t) => {
    const { rows, cols, data } = normals(split(keyOf(1), t), ROWS, INPUTS, 1)
    return inputOf({ rows, cols, data: Float32Array.from({ length: data.length }, (_, i) => (data[i]! > 0 ? 1 : 0)) })
  }),
})

const megabytes = (): number => process.resourceUsage().maxRSS / 1024

const measure = async (method: string, steps: number, units: number): Promise<Growth> => {
  if (method === NONE) {
    sequenceOf(steps)
    return { method, steps, units, millisecondsAStep: 0, megabytes: megabytes() }
  }
  const { learner, untrained } = await methodOf(method).make({ inputs: INPUTS, output: 'sigmoid' }, units, 'tanh', {})
  const sequence = sequenceOf(steps)
  // once, so that code is compiled and memory is there
  let model = (await learner.train(untrained(keyOf(1)), [sequenceOf(20)])).snapshot
  const start = performance.now()
  model = (await learner.train(model, [sequence])).snapshot
  const millisecondsAStep = (performance.now() - start) / steps
  await learner.dispose()
  return { method, steps, units, millisecondsAStep, megabytes: megabytes() }
}

const [first, second, third] = process.argv.slice(2)
if (second !== undefined) console.log(JSON.stringify(await measure(first!, Number(second), Number(third))))
else {
  if (first) writeFileSync(first, '')
  const sizes = [
    ...LENGTHS.map((steps) => ({ ...USUAL, steps })),
    ...UNITS.filter((units) => units !== USUAL.units).map((units) => ({ ...USUAL, units })),
  ]
  for (const method of [NONE, ...Object.keys(METHODS)]) {
    for (const { steps, units } of sizes) {
      if (steps > (MOST[method]?.steps ?? Infinity)) continue
      const child = spawnSync(
        process.execPath,
        ['--import', 'tsx', fileURLToPath(import.meta.url), method, String(steps), String(units)],
        { encoding: 'utf8' },
      )
      if (child.status !== 0) throw new Error(`${method}, ${steps} steps, ${units} units: ${child.stderr}`)
      if (first) appendFileSync(first, child.stdout)
      else process.stdout.write(child.stdout)
    }
  }
}

/** A law of your own, checked with fast-check: no row of a batch changes what is predicted for another. `npx tsx law.ts`. */

import fc from 'fast-check'
import { config, initialModel, inputOf, keyOf, matrix, wasmEngine, type ActivationName, type Sequence } from 'ptncn'

const WIDTH = 3

const networks = fc.record({
  seed: fc.nat(),
  units: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  activation: fc.constantFrom<ActivationName>('tanh', 'sign', 'relu6'),
})
/** Step by step, rows of numbers. */
const batches = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 })).chain(([rows, steps]) => {
  const numbers = fc.array(fc.float({ min: -2, max: 2, noNaN: true }), { minLength: rows * WIDTH, maxLength: rows * WIDTH })
  return fc.array(numbers, { minLength: steps, maxLength: steps }).map((all) => ({ rows, all }))
})

const sequenceOf = (steps: readonly (readonly number[])[]): Sequence => ({
  inputs: steps.map((numbers) => inputOf(matrix(numbers.length / WIDTH, WIDTH, numbers))),
})

const law = fc.asyncProperty(networks, batches, async ({ seed, units, activation }, { rows, all }) => {
  const settings = config({ units: [WIDTH, ...units], output: 'identity', activation })
  const engine = wasmEngine(settings)
  const model = initialModel(settings, keyOf(seed))
  const predict = async (steps: readonly (readonly number[])[]): Promise<readonly number[][]> => {
    const { measurements } = await engine.evaluate(model, [sequenceOf(steps)], { predictions: true })
    return measurements[0]!.predictions!.map(({ data }) => Array.from(data))
  }
  const together = await predict(all)
  for (let row = 0; row < rows; row++) {
    const own = (numbers: readonly number[]): readonly number[] => numbers.slice(row * WIDTH, (row + 1) * WIDTH)
    const alone = await predict(all.map(own))
    if (!alone.every((numbers, t) => numbers.every((number, j) => Object.is(number, own(together[t]!)[j])))) return false
  }
  return true
})

const RUNS = 100
await fc.assert(law, { numRuns: RUNS, seed: 1 })
console.log(`holds for ${RUNS} networks, to the bit`)

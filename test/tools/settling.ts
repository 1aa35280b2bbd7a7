/**
 * What another beta and other passes bring to a network that has learned, as `eval --beta --passes` tries them: trained on
 * digits with the settings of the grid `small`, scored with frozen weights on digits and on letters never seen.
 *
 *     tsx test/tools/settling.ts FOLDER > test/results/settling/settling.jsonl
 *
 * FOLDER has the data of the user's tasks. Prints JSON, a record for each seed and setting, as it goes.
 */

import type { Snapshot } from '../../src/engine/engine.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { openTask } from '../../src/experiment/tasks.js'
import { beginning, scorePart, train } from '../../src/experiment/train.js'
import { config, profiles, type Config } from '../../src/ptncn/config.js'

const UNITS = 32
const SEEDS = [1, 2, 3, 4, 5]
/** The second is said beforehand in `small`, so that states can adapt. */
const LEARNED = [0.1, 0.3]
const BETAS = [0, 0.1, 0.3, 0.5, 1]
const PASSES = [1, 2, 4]
const FRAMES = { side: 16, frames: 20, batch: 20, batching: 'random', length: 100 } as const
const SEQUENCES = 4000

const [data] = process.argv.slice(2)
if (!data) throw new Error('say the folder of the data')

const [digits, letters] = (['bouncing-mnist', 'bouncing-notmnist'] as const).map((task) => openTask({ ...FRAMES, task, data }))

const scoresOf = async (network: Config, model: Snapshot) => {
  const engine = wasmEngine(network)
  const scores = {
    digits: await scorePart(engine, digits!, model, 'validation'),
    letters: await scorePart(engine, letters!, model, 'validation'),
  }
  await engine.dispose()
  return scores
}

for (const seed of SEEDS) {
  for (const learned of LEARNED) {
    const units = [digits!.inputs, UNITS, UNITS]
    const network = config({ ...profiles.online, weightScale: 0.15, rate: 0.006, units, output: digits!.output, beta: learned })
    const engine = wasmEngine(network)
    const training = { seed, batch: FRAMES.batch, sequences: SEQUENCES }
    const { snapshot } = await train(digits!, training, engine, () => beginning(engine, seed))
    await engine.dispose()
    for (const beta of BETAS)
      for (const passes of beta === 0 ? [1] : PASSES)
        console.log(
          JSON.stringify({ seed, learned, beta, passes, ...(await scoresOf(config({ ...network, beta, passes }), snapshot)) }),
        )
  }
}

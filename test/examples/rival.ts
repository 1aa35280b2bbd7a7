/** A rival of your own, beside P-TNCN on a task of the package: it counts which symbol follows which. `npx tsx rival.ts`. */

import { matrix, score, sumScores, wasmEngine, type Input, type Matrix } from 'ptncn'
import { beginning, networkOf, scorePart, train, trainingOf } from 'ptncn/experiment'
import { RIVAL_DEFAULTS, type Rival, type RivalModel } from 'ptncn/rivals'
import { openTask, settingsOf } from 'ptncn/tasks'

/** Nothing is moved by gradients, so that there are no moments. */
const modelOf = (counts: Matrix): RivalModel => ({
  weights: { counts },
  optimizer: { first: {}, second: {}, power1: 1, power2: 1 },
})

const counter = (inputs: number): Rival => {
  const config = { ...RIVAL_DEFAULTS, inputs, units: 1, output: 'softmax' } as const
  const symbolIn = ({ x }: Input, row: number): number =>
    Array.from({ length: inputs }, (_, j) => x.data[row * inputs + j]!).indexOf(1)
  /** For each row the part of the counts that follow its last symbol. */
  const predict = ({ data }: Matrix, last: Input): Matrix => {
    const rows = Array.from({ length: last.x.rows }, (_, row) => {
      const from = Math.max(0, symbolIn(last, row)) * inputs
      const own = Array.from({ length: inputs }, (_, j) => data[from + j]!)
      const sum = own.reduce((a, b) => a + b, 0)
      return own.map((count) => count / sum)
    })
    return matrix(rows.length, inputs, rows.flat())
  }
  const counted = (counts: Matrix, last: Input, next: Input): Matrix => {
    const data = Float32Array.from(counts.data)
    for (let row = 0; row < next.x.rows; row++) {
      const at = symbolIn(last, row) * inputs + symbolIn(next, row)
      if (next.mask.data[row] === 1) data[at] = data[at]! + 1
    }
    return matrix(inputs, inputs, data)
  }
  const run =
    (learning: boolean): Rival['train'] =>
    async (from, sequences) => {
      let counts = from.weights['counts']!
      const measurements = sequences.map(({ inputs: steps }) => {
        const scores = steps.slice(1).map((next, t) => {
          const own = score('softmax', predict(counts, steps[t]!), next)
          if (learning) counts = counted(counts, steps[t]!, next)
          return own
        })
        return sumScores(config, scores)
      })
      return { snapshot: modelOf(counts), measurements }
    }
  return {
    name: 'counter',
    config,
    initial: () => modelOf(matrix(inputs, inputs, new Float32Array(inputs ** 2).fill(1))),
    train: run(true),
    evaluate: run(false),
    dispose: async () => {},
  }
}

const settings = settingsOf({ task: 'reber', units: [32], sequences: 4000, optimizer: 'adam', rate: 0.003, clip: 0 })
const task = openTask(settings)
const training = trainingOf(settings, task)
const [rival, engine] = [counter(task.inputs), wasmEngine(networkOf(settings, task))]

const learned = await train(task, training, rival, () => rival.initial([1, 1]))
const trained = await train(task, training, engine, () => beginning(engine, settings.seed))
const show = (label: string, value: number): void => console.log(label.padEnd(10), value.toFixed(3), task.unit)
show('counter', await scorePart(rival, task, learned.snapshot, 'test'))
show('P-TNCN', await scorePart(engine, task, trained.snapshot, 'test'))
for (const { label, value } of task.marks('test')) show(label, value)
await engine.dispose()

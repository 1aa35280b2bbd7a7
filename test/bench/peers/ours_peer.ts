/** Our own engine on another Node, as a process that the benchmark drives like any other peer (../peer.ts). */

import { createInterface } from 'node:readline'
import { availableParallelism } from 'node:os'

import { parallelEngine } from '../../../src/engine/fast/parallel.js'
import { widthFor } from '../../../src/engine/fast/kernels/wide.js'
import type { Engine, Snapshot } from '../../../src/engine/engine.js'
import { initialOptimizer } from '../../../src/ptncn/apply.js'
import type { Config } from '../../../src/ptncn/config.js'
import { inputOf, type Input } from '../../../src/ptncn/state.js'
import { buildWeights, namesOf } from '../../../src/ptncn/weights.js'
import type { Matrix } from '../../../src/numeric/matrix.js'

interface Tensor {
  readonly name: string
  readonly rows: number
  readonly cols: number
  readonly data: string
}

interface Loaded {
  readonly engine: Engine
  readonly from: Snapshot
  readonly inputs: readonly Input[]
  /** the state after the steps that do not learn, open */
  readonly warm: () => Promise<Snapshot>
}

const decode = ({ rows, cols, data }: Tensor): Matrix => {
  const bytes = Buffer.from(data, 'base64')
  return { rows, cols, data: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)) }
}

const encode = ({ data }: Matrix): string => Buffer.from(Float32Array.from(data).buffer).toString('base64')

const load = (config: Config, weights: readonly Tensor[], inputs: readonly Tensor[]): Loaded => {
  const byName = new Map(weights.map((tensor) => [tensor.name, decode(tensor)]))
  const engine = parallelEngine(config)
  const from = { weights: buildWeights(config, (l, name) => byName.get(`${name}_${l}`)!), optimizer: initialOptimizer(config) }
  const all = inputs.map((tensor) => inputOf(decode(tensor)))
  const first = Array.from({ length: config.learnFrom }, (_, t) => all[t % all.length]!)
  return { engine, from, inputs: all, warm: async () => (await engine.train(from, [{ inputs: first, open: true }])).snapshot }
}

const run = async ({ engine, inputs, warm }: Loaded, steps: number): Promise<{ milliseconds: number; after: Snapshot }> => {
  const before = await warm()
  const { learnFrom } = engine.config
  const next = Array.from({ length: steps }, (_, t) => inputs[(learnFrom + t) % inputs.length]!)
  const begin = performance.now()
  const { snapshot } = await engine.train(before, [{ inputs: next, continues: true }])
  return { milliseconds: performance.now() - begin, after: snapshot }
}

let loaded: Loaded | undefined

const answer = async ({ cmd, ...request }: Readonly<Record<string, unknown>>): Promise<unknown> => {
  if (cmd === 'about') {
    const { wide } = await widthFor()
    return {
      library: `ptncn on Node ${process.version}`,
      backend: wide ? 'wide kernels' : 'narrow kernels',
      threads: availableParallelism(),
    }
  }
  if (cmd === 'load') {
    await loaded?.engine.dispose()
    loaded = load(request['config'] as Config, request['weights'] as Tensor[], request['inputs'] as Tensor[])
    return {}
  }
  const { milliseconds, after } = await run(loaded!, request['steps'] as number)
  if (cmd === 'time') return { milliseconds }
  const weights = after.weights.flatMap((layer, i) =>
    namesOf(layer).map((name) => ({ name: `${name}_${i + 1}`, data: encode(layer[name]!) })),
  )
  return { weights }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as Readonly<Record<string, unknown>>))}\n`)
}
await loaded?.engine.dispose()

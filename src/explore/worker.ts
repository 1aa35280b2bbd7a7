/** The worker of the page: it computes, so that the page can answer. */

import { runScenario } from '../conform/reference.js'
import { wasmEngine } from '../engine/fast/wasm.js'
import { PtncnError } from '../errors.js'
import { meanLoss, sumScores } from '../ptncn/scores.js'
import { EXPERIMENTS } from './experiments/all.js'
import { runStretch, situationOf, snapshotOf } from './learn.js'
import type { ExperimentJob, LearnJob, Reply, Request, StepJob } from './messages.js'
import { unpack } from './pack.js'
import { sourceOf } from './sources.js'

type Say = (reply: Reply) => void
/** Lets messages in; resolves to whether the job was told to stop. */
type Stopped = () => Promise<boolean>

const STRETCH = 40
/** Stretches grow until one takes about this long, so that a stop is heard and a picture comes soon. */
const ENOUGH_MS = 250
const MOST_STRETCH = 640
/** Pictures that are sent of a stretch. */
const SHOWN = 20

const step = (id: number, { packed, situation, moment, train }: StepJob, say: Say): void => {
  const config = unpack(packed)
  const { steps, culprit } = runScenario({ config, from: situation, inputs: [moment], train })
  if (culprit)
    throw new PtncnError(
      'DivergenceError',
      `${culprit.equation} of layer ${culprit.layer} is no longer finite: the network has diverged`,
      culprit,
    )
  say({ id, stepped: steps[0]! })
}

const learn = async (id: number, job: LearnJob, say: Say, stopped: Stopped): Promise<void> => {
  const { setup, steps: wanted } = job
  const config = unpack(job.packed)
  const engine = wasmEngine(config)
  const source = sourceOf(setup)
  let [snapshot, at, steps, size] = [snapshotOf(config, job.situation, job.at), job.at, 0, STRETCH]
  const began = performance.now()
  do {
    const from = performance.now()
    const count = Math.min(size, wanted - steps)
    const ran = await runStretch(engine, source, snapshot, at, count, setup.seed, setup.learn, true)
    ;({ snapshot, to: at } = ran)
    steps += count
    const predicted = ran.measurements.flatMap(({ predictions = [] }) => predictions)
    const seen = ran.sequences.flatMap(({ inputs }) => inputs.map(({ x }) => x))
    const plain = (all: readonly { readonly data: ArrayLike<number> }[]): Float32Array[] =>
      all.slice(-SHOWN).map(({ data }) => Float32Array.from(data))
    say({
      id,
      progress: {
        steps,
        seconds: (performance.now() - began) / 1000,
        loss: meanLoss(sumScores(config, ran.measurements)),
        seen: plain(seen),
        predicted: plain(predicted),
      },
    })
    const took = performance.now() - from
    size = Math.max(STRETCH, Math.min(MOST_STRETCH, took < ENOUGH_MS / 2 ? 2 * size : took > ENOUGH_MS ? size >> 1 : size))
  } while (steps < wanted && !(await stopped()))
  await engine.dispose()
  say({ id, learnt: { situation: situationOf(config, snapshot), at, steps } })
}

const experiment = async (id: number, { name, seed }: ExperimentJob, say: Say, stopped: Stopped): Promise<void> => {
  const run = EXPERIMENTS[name]
  if (!run) throw new Error(`no experiment ${name}`)
  for await (const findings of run(seed)) {
    const ended = findings.done >= 1 || (await stopped())
    say({ id, findings, ended })
    if (ended) return
  }
}

/** What a worker has for messages. */
export interface Scope {
  readonly postMessage: (reply: Reply) => void
  onmessage: ((event: { readonly data: Request }) => void) | null
}

/** Answers requests, one job at a time. */
export const serve = (scope: Scope): void => {
  const told = new Set<number>()
  const say: Say = (reply) => scope.postMessage(reply)
  const stoppedOf =
    (id: number): Stopped =>
    async () => {
      // a message is heard only between two turns of the event loop
      await new Promise((resolve) => setTimeout(resolve))
      return told.delete(id)
    }
  const run = async (request: Exclude<Request, { readonly stop: true }>): Promise<void> => {
    const { id, job } = request
    try {
      if (job.kind === 'step') step(id, job, say)
      else if (job.kind === 'learn') await learn(id, job, say, stoppedOf(id))
      else await experiment(id, job, say, stoppedOf(id))
    } catch (error) {
      say({ id, error: (error as Error).message })
    }
  }
  scope.onmessage = ({ data }) => {
    if ('stop' in data) told.add(data.id)
    else void run(data)
  }
}

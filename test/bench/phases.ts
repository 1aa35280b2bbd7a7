/** Where the time of a step goes: each phase, and the waiting after it, worker by worker. */

import { fileURLToPath } from 'node:url'

import { modelLayout } from '../../src/engine/fast/memory/layout.js'
import { parallelEngine } from '../../src/engine/fast/parallel.js'
import { phasesOf } from '../../src/engine/fast/step/phases.js'
import { planShares, type By } from '../../src/engine/fast/memory/shares.js'
import { threadsOf, type Transport } from '../../src/engine/fast/threads/transport.js'
import { inputsOf, network, type Network } from './cases.js'
import type { PhaseResult } from './results.js'
import type { Run } from './sections.js'
import type { Spent } from './timed-worker.js'

/** Workers, and what they divide between them. */
const WAYS: readonly (readonly [workers: number, by: By])[] = [
  [1, 'layers'],
  [2, 'layers'],
  [2, 'rows'],
]
const STEPS = { full: 200, quick: 10 } as const

const timedThreads = threadsOf(fileURLToPath(new URL('./timed-worker-source.mjs', import.meta.url)))

/** The parallel engine's own threads, but with a clock; what they note goes to `note`. */
const noting =
  (note: (worker: number, spent: Spent) => void): Transport =>
  (start, listener) =>
    timedThreads(start, {
      ...listener,
      done: (ended) => {
        note(start.worker, (ended as typeof ended & { spent: Spent }).spent)
        listener.done(ended)
      },
    })

/** The phases between two meetings, as one name. */
const stretchesOf = ({ config, rows }: Network, workers: number, by: By): readonly string[] => {
  const { cuts } = planShares(config, rows, workers, by, modelLayout(config))
  const names: string[] = []
  let open: string[] = []
  for (const { name, meets } of phasesOf({ config, by, cuts }, true, true)) {
    open.push(name)
    if (!meets) continue
    names.push(open.join(' and '))
    open = []
  }
  return names
}

const sumUp = (spents: readonly Spent[], of: 'busy' | 'waiting', stretch: number): number => {
  const steps = spents.reduce((sum, spent) => sum + spent.steps, 0)
  return spents.reduce((sum, spent) => sum + (spent[of][stretch] ?? 0), 0) / steps
}

const runOne = async (of: Network, text: string, workers: number, by: By, steps: number): Promise<readonly PhaseResult[]> => {
  const spents: Spent[][] = Array.from({ length: workers }, () => [])
  const engine = parallelEngine(of.config, { workers, by, transport: noting((worker, spent) => spents[worker]!.push(spent)) })
  try {
    const { snapshot } = await engine.train(of.snapshot, [{ inputs: inputsOf(of, of.config.learnFrom + 2) }])
    for (const list of spents) list.length = 0
    await engine.train(snapshot, [{ inputs: inputsOf(of, of.config.learnFrom + steps) }])
    return stretchesOf(of, workers, by).map((phase, stretch) => ({
      text,
      workers,
      phase,
      busy: spents.map((list) => sumUp(list, 'busy', stretch)),
      waiting: spents.map((list) => sumUp(list, 'waiting', stretch)),
    }))
  } finally {
    await engine.dispose()
  }
}

/** Milliseconds a step of each phase, with one worker and with two. */
export const runPhases = async ({ quick, cases, onRound }: Run): Promise<readonly PhaseResult[]> => {
  const results: PhaseResult[] = []
  for (const one of cases) {
    const of = network(one)
    for (const [workers, by] of WAYS) {
      results.push(...(await runOne(of, one.text, workers, by, STEPS[quick ? 'quick' : 'full'])))
      onRound(`phases, ${workers} worker${workers === 1 ? '' : `s by ${by}`}`)
    }
  }
  return results
}

export const phaseRounds = ({ cases }: Run): number => cases.length * WAYS.length

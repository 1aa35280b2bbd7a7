/** The engine of a session: checks, divergence, and the end of its life; where its jobs run is the backend's. */

import { PtncnError } from '../../errors.js'
import { requireConfig, type Config } from '../../ptncn/config.js'
import { requireInputs, requireRun } from '../check.js'
import { disposable, requireOpen, type Engine, type Outcome, type RunOptions, type Sequence, type Snapshot } from '../engine.js'
import { divergence, type Divergence } from '../divergence.js'
import { referenceEngine } from '../reference.js'
import { requireAddressable } from './kernels/kernels.js'
import { modelLayout } from './memory/layout.js'
import type { Diverged, Session } from './session.js'

/** Sequences before a step, the last of them left open, and those from that step on. */
const splitAt = (sequences: readonly Sequence[], { sequence, step }: Diverged): { before: Sequence[]; after: Sequence[] } => {
  const broken = sequences[sequence]!
  // what closes a sequence fails after its last step: that step has to be done again for it
  const done = Math.min(step, broken.inputs.length - 1)
  const [before, after] = [sequences.slice(0, sequence), sequences.slice(sequence + 1)]
  if (done === 0) return { before, after: [broken, ...after] }
  return {
    before: [...before, { ...broken, inputs: broken.inputs.slice(0, done), open: true }],
    after: [{ ...broken, inputs: broken.inputs.slice(done), continues: true }, ...after],
  }
}

/** An engine on a session that `open` opens at the first run, for as many rows; `close` ends what a backend began. */
export const engineOn = (
  name: string,
  config: Config,
  open: (rows: number) => Promise<Session>,
  close: () => Promise<void> = async () => {},
): Engine => {
  requireConfig(config)
  requireAddressable(modelLayout(config).end)
  let session: Promise<Session> | undefined
  let disposed = false
  let queue: Promise<unknown> = Promise.resolve()

  const start = async (
    from: Snapshot,
    sequences: readonly Sequence[],
    options: RunOptions,
    learning: boolean,
  ): Promise<Outcome> => {
    requireOpen(name, disposed, options)
    const known = (await session)?.holds(from) ?? false
    if (known) requireInputs(config, from, sequences)
    else requireRun(config, from, sequences)
    if (sequences.length === 0) return { snapshot: from, measurements: [] }
    const opened = await (session ??= open((from.state?.x ?? sequences[0]!.inputs[0]!.x).rows))
    requireOpen(name, disposed)
    const result = await opened.run(from, sequences, options, learning)
    return 'outcome' in result ? result.outcome : explain(opened, from, sequences, options, learning, result.diverged)
  }

  /**
   * What was not finite, and the snapshot before it, the reference engine finds: from the step that failed on, as far as
   * which the session runs again, to the same bits.
   */
  const explain = async (
    opened: Session,
    from: Snapshot,
    sequences: readonly Sequence[],
    options: RunOptions,
    learning: boolean,
    at: Diverged,
  ): Promise<Outcome> => {
    const { train, evaluate } = referenceEngine(config)
    const again = learning ? train : evaluate
    const { before, after } = splitAt(sequences, at)
    const good = await opened.run(from, before, {}, learning)
    if ('outcome' in good) {
      try {
        await again(good.outcome.snapshot, after)
      } catch (error) {
        if (!(error instanceof PtncnError) || error.name !== 'DivergenceError') throw error
        const value = error.value as Divergence
        throw divergence({ ...value, sequence: value.sequence + at.sequence })
      }
    }
    return again(from, sequences, options)
  }

  /** One call after another, as they share one memory. */
  const inTurn = (
    from: Snapshot,
    sequences: readonly Sequence[],
    options: RunOptions = {},
    learning: boolean,
  ): Promise<Outcome> => {
    const run = queue.then(() => start(from, sequences, options, learning))
    queue = run.catch(() => {})
    return run
  }

  const dispose = async (): Promise<void> => {
    if (disposed) return
    disposed = true
    session = undefined
    await close()
  }

  return disposable({
    name,
    config,
    dispose,
    train: (from, sequences, options) => inTurn(from, sequences, options, true),
    evaluate: (from, sequences, options) => inTurn(from, sequences, options, false),
  })
}

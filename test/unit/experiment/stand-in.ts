/** Tasks and engines whose scores are made up, to test what is made of them. */

import type { Task } from '../../../src/data/task.js'
import type { Engine, Sequence, Snapshot } from '../../../src/engine/engine.js'
import type { Conduct, Saved } from '../../../src/experiment/study/conduct.js'
import type { Config } from '../../../src/ptncn/config.js'
import { row } from '../support.js'

/** The one test sequence has one input, `value`. */
export const standInTask = (name: string, value: number, given: Partial<Task> = {}): Task => {
  const sequence: Sequence = { inputs: [{ x: row([value]), mask: row([1]) }] }
  return {
    name,
    title: name,
    inputs: 1,
    output: 'sigmoid',
    unit: 'nats a frame',
    training: () => sequence,
    held: (part) => (part === 'test' ? [sequence] : []),
    marks: () => [],
    ...given,
  }
}

/** Of a network only its name is known. */
export const network = (name: string): Snapshot => ({ weights: name as never, optimizer: {} as never })

/** Loses what `loss` says of a network's name and a task's input; never learns. */
export const standInEngine = (config: Config, loss: (network: string, value: number) => number): Engine => ({
  name: 'stand-in',
  config,
  dispose: async () => {},
  train: () => Promise.reject(new Error('weights are frozen')),
  evaluate: async (from, sequences) => ({
    snapshot: from,
    measurements: sequences.map(({ inputs }) => ({ loss: loss(String(from.weights), inputs[0]!.x.data[0]!), count: 1 })),
  }),
})

/** Nobody watches, and what is saved is thrown away. */
export const conductOf = (
  given: { readonly callSeconds?: number; readonly now?: () => number } & Partial<Conduct> = {},
): Conduct => {
  const { callSeconds = 1, now = () => 0, ...conduct } = given
  return {
    before: () => undefined,
    save: async () => {},
    watch: () => ({ onCall: async () => {}, onPoint: () => {}, stop: async () => false, now, callSeconds, clear: () => {} }),
    now,
    diverged: async () => {},
    ...conduct,
  }
}

/** As from a file: the last that was saved. */
export const lastOf = (saved: readonly Saved[]): Conduct['before'] => (() => saved.at(-1)) as Conduct['before']

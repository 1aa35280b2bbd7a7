/** What commands share of the process: its streams, its clock, its signals, its exit status. */

import { constants } from 'node:os'

/** A run that was stopped by a signal ends with 128 and the signal's number, as programs do that know none. */
export const EXIT = { done: 0, diverged: 1, usage: 2, unwritten: 3 } as const

/** The first error of the standard output. Work goes on without it, so that nothing is lost. */
let broken: NodeJS.ErrnoException | undefined

/** Nobody reads what is printed from now on, or nothing can hold it: that ends no run. */
export const guardStreams = (): void => {
  process.stdout.on('error', (error) => (broken ??= error))
  // there is nobody to tell
  process.stderr.on('error', () => {})
}

/** What became of the standard output: a reader that has left, as `head` does, has seen what it wanted. */
export const outputError = async (): Promise<string | undefined> => {
  // an error of the last write is told of in the turn after it
  await new Promise((resolve) => setImmediate(resolve))
  if (broken === undefined || broken.code === 'EPIPE') return undefined
  const why = broken.code === 'ENOSPC' ? 'there is no space left' : String(broken.code ?? broken.message)
  return `cannot write to the standard output: ${why}; files that were to be written are there`
}

/** Whether what is printed still gets somewhere. */
export const isHeard = (): boolean => broken === undefined

export const print = (text: string): number => {
  if (broken === undefined) process.stdout.write(text)
  return EXIT.done
}

/** One line for a person, beside what a command prints. */
export const complain = (line: string): void => void process.stderr.write(`ptncn: ${line}\n`)

/** One object a line. */
export const printJson = (value: unknown): number => print(`${JSON.stringify(value)}\n`)

export const seconds = (): number => performance.now() / 1000

/** Ctrl-C; what Slurm, docker and systemd send; the end of a terminal. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

let stoppedBy: (typeof SIGNALS)[number] | undefined

/**
 * The first such signal ends the run after the batches at hand, with everything saved; a second one ends it at once.
 * `told` is for whoever waits for something else meanwhile.
 */
export const stopOnInterrupt = (told: () => void = () => {}): (() => Promise<boolean>) => {
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      stoppedBy ??= signal
      told()
    })
  }
  // a signal is only heard between two turns of the event loop
  return async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return stoppedBy !== undefined
  }
}

/** The exit status of a run that a signal has stopped. */
export const interrupted = (): number => 128 + constants.signals[stoppedBy ?? 'SIGINT']

/** What commands share of the process: its streams, its clock, its signals, its exit status. */

export const EXIT = { done: 0, diverged: 1, usage: 2, interrupted: 130 } as const

export const print = (text: string): number => {
  process.stdout.write(text)
  return EXIT.done
}

/** One object a line. */
export const printJson = (value: unknown): number => print(`${JSON.stringify(value)}\n`)

export const seconds = (): number => performance.now() / 1000

/** Ctrl-C ends the run after the batches at hand, with everything saved; a second one ends it at once. */
export const stopOnInterrupt = (): (() => Promise<boolean>) => {
  let stopped = false
  process.once('SIGINT', () => (stopped = true))
  // a signal is only heard between two turns of the event loop
  return async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return stopped
  }
}

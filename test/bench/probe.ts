/** What this machine can do at most, on one thread and on two: operations, and bytes through memory. */

import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { BLOCK, BYTES_MOVED, OPERATIONS, probeModule } from './probe-module.js'
import type { Pair, Probe } from './results.js'

const BURST_MILLISECONDS = { full: 200, quick: 30 }
const BURSTS = { full: 7, quick: 2 }
/** more than the caches of today's processors hold */
const LARGE = 512 * 2 ** 20

type Kind = { readonly kind: 'peak' } | { readonly kind: 'memory'; readonly bytes: number }

/** The best burst of several: a limit is what was reached once. All threads of a burst run at the same time. */
const best = async (threads: number, quick: boolean, probe: Kind): Promise<number> => {
  const pace = quick ? 'quick' : 'full'
  const bytes = probe.kind === 'memory' ? Math.max(2 * BLOCK, Math.floor(probe.bytes / threads)) : 0
  const workerData = { module: probeModule(), kind: probe.kind, bytes, operations: OPERATIONS, moved: BYTES_MOVED, block: BLOCK }
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./probe-worker.mjs', import.meta.url), { workerData }),
  )
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')))
    let fastest = 0
    for (let burst = 0; burst < BURSTS[pace]; burst++) {
      const answers = workers.map((worker) => once(worker, 'message'))
      for (const worker of workers) worker.postMessage(BURST_MILLISECONDS[pace])
      const speeds = (await Promise.all(answers)).map(([speed]) => speed as number)
      fastest = Math.max(
        fastest,
        speeds.reduce((sum, speed) => sum + speed, 0),
      )
    }
    return fastest
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

const pair = async (quick: boolean, probe: Kind): Promise<Pair> => ({
  one: await best(1, quick, probe),
  two: await best(2, quick, probe),
})

/** 10^9 bytes a second where a step goes again and again through so many bytes in all. */
export const memorySpeed = (bytes: number, quick: boolean): Promise<Pair> => pair(quick, { kind: 'memory', bytes })

export const probeMachine = async (quick: boolean): Promise<Probe> => ({
  gigaflops: await pair(quick, { kind: 'peak' }),
  gigabytes: await memorySpeed(LARGE, quick),
})

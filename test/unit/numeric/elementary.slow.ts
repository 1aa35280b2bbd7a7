/** All 2^32 inputs of every function of one number, in two worker threads. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

import { hex, MEASURED, sweep, type Worst } from './ulp.js'

interface Job {
  readonly name: string
  readonly from: number
  readonly to: number
}

type Done = Job & Worst

const INPUTS = 2 ** 32
const CHUNK = 2 ** 26
const THREADS = 2

/** On Node 20 a worker does not take over the loader of TypeScript: it is registered there first. */
const LOADER = import.meta.resolve('tsx/esm/api')
const START = `import(${JSON.stringify(LOADER)})
  .then(({ register }) => { register(); return import(${JSON.stringify(import.meta.url)}) })`

const names = Object.keys(MEASURED)
const jobs: readonly Job[] = names.flatMap((name) =>
  Array.from({ length: INPUTS / CHUNK }, (_, i) => ({ name, from: i * CHUNK, to: (i + 1) * CHUNK })),
)

const showProgress = (done: number, name: string): void => {
  if (!process.stdout.isTTY) return
  const line = done < jobs.length ? `${Math.floor((100 * done) / jobs.length)} % (${name})` : ''
  process.stdout.write(`\r\u001b[K${line}`)
}

/** Gives each worker a job whenever it is free; the results, in any order. */
const runAll = (): Promise<Done[]> =>
  new Promise((resolve, reject) => {
    const waiting = [...jobs]
    const finished: Done[] = []
    const workers = Array.from({ length: THREADS }, () => new Worker(START, { eval: true }))
    const stop = (): Promise<unknown> => Promise.all(workers.map((worker) => worker.terminate()))
    const giveJob = (worker: Worker): void => {
      const job = waiting.shift()
      if (job) worker.postMessage(job)
    }
    for (const worker of workers) {
      worker.on('error', (error) => void stop().then(() => reject(error)))
      worker.on('message', (done: Done) => {
        finished.push(done)
        showProgress(finished.length, done.name)
        if (finished.length === jobs.length) void stop().then(() => resolve(finished))
        else giveJob(worker)
      })
      giveJob(worker)
    }
  })

const worstOf = (results: readonly Done[], name: string): Worst =>
  results
    .filter((done) => done.name === name)
    .sort((a, b) => a.from - b.from)
    .reduce<Worst>((worst, next) => (next.error > worst.error ? next : worst), { error: -1, bits: 0 })

if (isMainThread) {
  test('[ar-exp] [ar-log] [ar-tanh] [ar-sigmoid] [ar-units] the worst error of all 2^32 inputs is the published one', async (t) => {
    const results = await runAll()
    for (const name of names) {
      await t.test(name, () => {
        const { error, bits } = worstOf(results, name)
        console.log(`${name}: at most ${error} ulp, first at ${hex(bits)}`)
        assert.equal(Math.ceil(error * 100) / 100, MEASURED[name]!.bound)
      })
    }
  })
} else {
  parentPort!.on('message', (job: Job) => parentPort!.postMessage({ ...job, ...sweep(job.name, job.from, job.to, 1) }))
}

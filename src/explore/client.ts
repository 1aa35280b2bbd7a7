/** The page's side of its workers. */

import type { Outcome } from '../conform/reference.js'
import type { Findings, Job, LearnJob, LearnProgress, Learnt, Reply, Request, StepJob } from './messages.js'

/** A job that goes on until it is done or told to stop. */
export interface Running<Result> {
  readonly done: Promise<Result>
  readonly stop: () => void
}

export interface Client {
  readonly step: (job: Omit<StepJob, 'kind'>) => Promise<Outcome>
  readonly learn: (job: Omit<LearnJob, 'kind'>, progress: (value: LearnProgress) => void) => Running<Learnt>
  readonly experiment: (name: string, seed: number, progress: (value: Findings) => void) => Running<void>
}

/** A worker from the program of the page itself, which has no file of its own beside it. */
const startWorker = (program: string): Worker => new Worker(URL.createObjectURL(new Blob([program], { type: 'text/javascript' })))

/** @param program the text of the script that the page runs */
export const clientOf = (program: string): Client => {
  let worker: Worker | undefined
  let count = 0
  const waiting = new Map<number, (reply: Reply) => void>()
  const post = (request: Request): void => {
    if (!worker) {
      worker = startWorker(program)
      worker.onmessage = ({ data }: MessageEvent<Reply>) => waiting.get(data.id)?.(data)
    }
    worker.postMessage(request)
  }
  /** `take` says what a reply comes to; undefined as long as there is more to come. */
  const ask = <Result>(job: Job, take: (reply: Reply) => { readonly result: Result } | undefined): Running<Result> => {
    const id = count++
    const done = new Promise<Result>((resolve, reject) => {
      waiting.set(id, (reply) => {
        const taken = 'error' in reply ? undefined : take(reply)
        if ('error' in reply) reject(new Error(reply.error))
        if (taken) resolve(taken.result)
        if ('error' in reply || taken) waiting.delete(id)
      })
    })
    post({ id, job })
    return { done, stop: () => post({ id, stop: true }) }
  }
  return {
    step: (job) => ask({ kind: 'step', ...job }, (reply) => ('stepped' in reply ? { result: reply.stepped } : undefined)).done,
    learn: (job, progress) =>
      ask({ kind: 'learn', ...job }, (reply) => {
        if ('progress' in reply) progress(reply.progress)
        return 'learnt' in reply ? { result: reply.learnt } : undefined
      }),
    experiment: (name, seed, progress) =>
      ask({ kind: 'experiment', name, seed }, (reply) => {
        if (!('findings' in reply)) return undefined
        progress(reply.findings)
        return reply.ended ? { result: undefined } : undefined
      }),
  }
}

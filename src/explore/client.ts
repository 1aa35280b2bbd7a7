/** The page's side of its workers. */

import type { Client, Job, Reply, Request, Running } from './messages.js'

/** Starts a worker; `hear` gets its replies. */
export type Start = (hear: (reply: Reply) => void) => { readonly postMessage: (request: Request) => void }

/** The worker is started when it is first asked. */
export const clientOf = (start: Start): Client => {
  let worker: ReturnType<Start> | undefined
  let count = 0
  const waiting = new Map<number, (reply: Reply) => void>()
  const post = (request: Request): void => {
    worker ??= start((reply) => waiting.get(reply.id)?.(reply))
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

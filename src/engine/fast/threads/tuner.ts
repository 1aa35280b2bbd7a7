/**
 * Which way of doing jobs is the fastest here and now: measured, as it depends on the network, the machine, and what else
 * runs on it. A value that knows no clock: whoever runs the jobs says how long they took.
 */

import type { Division } from '../step/context.js'

/** How the next job is to be done, and after how many milliseconds it is to end where workers meet. */
export interface Manner {
  readonly by: Division
  readonly patience: number
}

/** What is known of one kind of job. */
export interface Tuner {
  /** of a job of so much work: steps, or what is in proportion to the time that they take */
  readonly next: (work: number) => Manner
  /** how a job went: the work that it was, what was done of it, the milliseconds that this took, and when it ended */
  readonly took: (by: Division, work: number, done: number, milliseconds: number, now: number) => void
  /** what is thought to be the fastest; nothing while that is being tried */
  readonly chosen: () => Division | undefined
}

/** Jobs of each kind that are tried; the fastest of them counts, as the first compiles code and touches memory. */
const TRIALS = 6
/** Workers may take this much longer than one alone, and so many milliseconds, before their job is ended. */
const WORSE = 1.25
const SLACK = 2
/** A trial that takes so many times that is not repeated. */
const HOPELESS = 2
/** More workers have to be faster by this factor than one alone: they take cores away from others. */
const WORTH = 1.1
/** A step that has become slower or faster by this factor makes what was measured before worth nothing. */
const DRIFT = 1.5
/** The part that the last job has in the mean that is watched for that. */
const NEWEST = 0.2
/** Milliseconds before ways are tried again: at first, and at most, as each disappointment doubles them. */
const SHORTEST_WAIT = 500
const LONGEST_WAIT = 60_000
/** Milliseconds for which a choice is kept at first, as it may have been one of chance; each that is made again twice as long. */
const SHORTEST_TERM = 2000
const LONGEST_TERM = 120_000
/** The part of the time of one alone that workers get in a trial: enough to measure them, little to lose. */
const TASTE = 1 / 3
/** What a trial has lost is to be small against the time until the next one. */
const FAIR = 20
/** What is measured on a job says nothing of one with more than so many times its work: messages cost the same. */
const COMPARABLE = 4
/** After so many waits without one they are halved. */
const CALM = 8

/** @param ways the ways to try, one alone first where that is one of them */
export const tunerOf = (ways: readonly Division[]): Tuner => {
  const single = ways.length === 1
  let best = new Map<Division, number>()
  let tried = new Map<Division, number>()
  let chosen: Division | undefined = single ? ways[0] : undefined
  let mean = 0
  let [largest, lost] = [0, 0]
  let [since, wait, again] = [0, SHORTEST_WAIT, 0]
  let [term, ends, before] = [SHORTEST_TERM, 0, undefined as Division | undefined]

  /** In turns, as a machine that others use is slow for a while and fast for a while: ways that are compared have to meet both. */
  const leastTried = (): Division => ways.reduce((a, b) => ((tried.get(b) ?? 0) < (tried.get(a) ?? 0) ? b : a))
  const alone = (): number => best.get('alone') ?? Infinity
  const patienceOf = (work: number): number => WORSE * alone() * work + SLACK
  const isLate = (by: Division, work: number, milliseconds: number): boolean => by !== 'alone' && milliseconds > patienceOf(work)

  const settle = (by: Division, now: number): void => {
    ;[chosen, mean, since, again] = [by, best.get(by)!, now, now + Math.max(wait, FAIR * lost)]
  }

  const disappoint = (now: number): void => {
    settle('alone', now)
    wait = Math.min(LONGEST_WAIT, 2 * wait)
  }

  const choose = (now: number): void => {
    const fastest = ways.reduce((a, b) => (best.get(b)! < best.get(a)! ? b : a))
    settle(alone() <= WORTH * best.get(fastest)! ? 'alone' : fastest, now)
    term = chosen === before ? Math.min(LONGEST_TERM, 2 * term) : SHORTEST_TERM
    ;[ends, before, lost] = [now + Math.max(term, FAIR * lost), chosen, 0]
  }

  const tryOne = (by: Division, work: number, milliseconds: number, now: number): void => {
    best.set(by, Math.min(best.get(by) ?? Infinity, milliseconds / work))
    if (by !== 'alone') lost += Math.max(0, milliseconds - alone() * work)
    // once is enough of what is far slower than one alone
    tried.set(by, isLate(by, work, milliseconds / HOPELESS) ? TRIALS : (tried.get(by) ?? 0) + 1)
    if (ways.every((way) => (tried.get(way) ?? 0) >= TRIALS)) choose(now)
  }

  /** Whether what was measured still holds. One alone that stands in for workers is not for ever. */
  const holds = (now: number, standsIn: boolean): boolean => {
    if (now < again) return true
    if (now > ends) return false
    const settled = best.get(chosen!)!
    return !standsIn && mean < DRIFT * settled && mean > settled / DRIFT
  }

  const tryAnew = (): void => {
    ;[best, tried, chosen] = [new Map(), new Map(), undefined]
  }

  const watch = (by: Division, work: number, milliseconds: number, now: number): void => {
    if (isLate(by, work, milliseconds)) return disappoint(now)
    mean += NEWEST * (milliseconds / work - mean)
    if (now - since > CALM * wait) [since, wait] = [now, Math.max(SHORTEST_WAIT, wait / 2)]
    const standsIn = chosen === 'alone' && [...best.values()].some((one) => WORTH * one < alone())
    if (holds(now, standsIn)) return
    tryAnew()
  }

  return {
    chosen: () => chosen,
    next: (work) => {
      const by = chosen ?? leastTried()
      const patience = chosen === undefined ? TASTE * alone() * work + SLACK : patienceOf(work)
      return { by, patience: single || by === 'alone' ? Infinity : patience }
    },
    took: (by, work, done, milliseconds, now) => {
      if (single || done === 0 || COMPARABLE * work < largest) return
      if (work > COMPARABLE * largest) tryAnew()
      largest = Math.max(largest, work)
      if (chosen === undefined) tryOne(by, done, milliseconds, now)
      else watch(by, done, milliseconds, now)
    },
  }
}

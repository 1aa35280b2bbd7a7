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
  /** the work that the next job may have at most: a trial is short, however long a run is */
  readonly longest: () => number
  /** of a job of so much work: what is in proportion to the time that one alone takes for it */
  readonly next: (work: number) => Manner
  /** how a job went: the work that it was, what was done of it, the milliseconds that this took, and when it ended */
  readonly took: (by: Division, work: number, done: number, milliseconds: number, now: number) => void
  /** what is thought to be the fastest; nothing while that is being tried */
  readonly chosen: () => Division | undefined
}

/** Jobs of each kind that are tried. The fastest of them counts: the first compiles code, and any may meet a stall. */
const TRIALS = 6
/** Trials that are far slower than one alone count as so many: two are enough of them. */
const LATE_COUNTS = 3
/** Workers may take so many times the time of one alone, and so many milliseconds, before their job is ended, and a trial not repeated. */
const HOPELESS = 4
const SLACK = 2
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
/** What trials have lost is to be small against the time until the next ones, less so where the machine has changed. */
const FAIR = 20
const FAIR_AFTER_DRIFT = 5
/** What is measured on a job says nothing of one with more than so many times its work: messages cost the same. */
const COMPARABLE = 4
/** After so many waits without one they are halved. */
const CALM = 8

/**
 * @param ways the ways to try, one alone first where that is one of them
 * @param trial the work that is enough to measure a way: long beside a message
 */
export const tunerOf = (ways: readonly Division[], trial = Infinity): Tuner => {
  const single = ways.length === 1
  let best = new Map<Division, number>()
  let tried = new Map<Division, number>()
  let chosen: Division | undefined = single ? ways[0] : undefined
  let mean = 0
  let largest = 0
  let [spent, worked] = [0, 0]
  let [since, wait, again] = [0, SHORTEST_WAIT, 0]
  let [term, ends, before] = [SHORTEST_TERM, 0, undefined as Division | undefined]

  const triedOf = (by: Division): number => tried.get(by) ?? 0
  /** milliseconds for the unit of work, as tried so far */
  const timeOf = (by: Division): number => best.get(by) ?? Infinity
  /** In turns, as a machine that others use is slow for a while and fast for a while: ways that are compared have to meet both. */
  const leastTried = (): Division => ways.reduce((a, b) => (triedOf(b) < triedOf(a) ? b : a))
  const alone = (): number => timeOf('alone')
  const patienceOf = (work: number): number => HOPELESS * alone() * work + SLACK
  const isLate = (by: Division, work: number, milliseconds: number): boolean => by !== 'alone' && milliseconds > patienceOf(work)

  /** What trials have taken more than their work takes in the way that is thought to be the fastest. */
  const lost = (): number => Math.max(0, spent - worked * Math.min(...ways.map(timeOf)))

  const settle = (by: Division, now: number): void => {
    ;[chosen, mean, since, again] = [by, timeOf(by), now, now + Math.max(wait, FAIR_AFTER_DRIFT * lost())]
  }

  const disappoint = (now: number): void => {
    settle('alone', now)
    wait = Math.min(LONGEST_WAIT, 2 * wait)
  }

  const choose = (now: number): void => {
    const fastest = ways.reduce((a, b) => (timeOf(b) < timeOf(a) ? b : a))
    settle(alone() <= WORTH * timeOf(fastest) ? 'alone' : fastest, now)
    term = chosen === before ? Math.min(LONGEST_TERM, 2 * term) : SHORTEST_TERM
    ;[ends, before, spent, worked] = [now + Math.max(term, FAIR * lost()), chosen, 0, 0]
  }

  const tryOne = (by: Division, work: number, milliseconds: number, now: number): void => {
    ;[spent, worked] = [spent + milliseconds, worked + work]
    best.set(by, Math.min(timeOf(by), milliseconds / work))
    tried.set(by, triedOf(by) + (isLate(by, work, milliseconds) ? LATE_COUNTS : 1))
    if (ways.every((way) => triedOf(way) >= TRIALS)) choose(now)
  }

  /** Whether what was measured still holds. One alone that stands in for workers is not for ever. */
  const holds = (now: number, standsIn: boolean): boolean => {
    if (now < again) return true
    if (now > ends) return false
    const settled = timeOf(chosen!)
    return !standsIn && mean < DRIFT * settled && mean > settled / DRIFT
  }

  const tryAnew = (): void => {
    ;[best, tried, chosen] = [new Map(), new Map(), undefined]
  }

  const watch = (by: Division, work: number, milliseconds: number, now: number): void => {
    if (isLate(by, work, milliseconds)) return disappoint(now)
    mean += NEWEST * (milliseconds / work - mean)
    if (now - since > CALM * wait) [since, wait] = [now, Math.max(SHORTEST_WAIT, wait / 2)]
    const standsIn = chosen === 'alone' && ways.some((way) => WORTH * timeOf(way) < alone())
    if (holds(now, standsIn)) return
    tryAnew()
  }

  return {
    chosen: () => chosen,
    longest: () => (chosen === undefined ? trial : Infinity),
    next: (work) => {
      const by = chosen ?? leastTried()
      const patience = chosen === undefined ? TASTE * alone() * work + SLACK : patienceOf(work)
      return { by, patience: single || by === 'alone' ? Infinity : patience }
    },
    took: (by, work, done, milliseconds, now) => {
      const size = Math.min(work, trial)
      if (single || done === 0 || COMPARABLE * size < largest) return
      if (size > COMPARABLE * largest) tryAnew()
      largest = Math.max(largest, size)
      if (chosen === undefined) tryOne(by, done, milliseconds, now)
      else watch(by, done, milliseconds, now)
    },
  }
}

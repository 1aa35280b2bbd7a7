/**
 * Where workers wait for each other: a counter and a generation in shared memory. A worker that arrives spins shortly,
 * as the others are mostly about to arrive too, and then sleeps. One that is told to stop throws instead of waiting.
 */

/** The words of a barrier's shared memory. */
const ARRIVED = 0
const GENERATION = 1
const SLEEPING = 2
const STOPPED = 3
const FAILED = 4
const SPINS = 5
const TIRED = 6
const WORDS = 8

/**
 * Looks at the generation before sleeping, at most: where each worker has a core to itself, some 200 microseconds. Waking
 * up takes about as long as the differences between shares, and the core has nothing else to do. Where workers take
 * turns on a core, whoever is waited for cannot run until this one sleeps.
 */
const SPINS_ON_OWN_CORE = 100_000
const SPINS_ON_SHARED_CORE = 1_000
/** Who had to sleep all the same looks less often at the next meeting, by this part; who had not, more often. */
const LESS = 1 / 8
const MORE = 1 / 4
/** Sleep ends at the latest after so many milliseconds, to look whether to stop. */
const LONGEST_SLEEP = 100

/** The memory that the workers of an engine share to wait for each other, and to tell of a failure. */
export const createControl = (ownCores: boolean): Int32Array => {
  const control = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT))
  control[FAILED] = -1
  control[TIRED] = -1
  control[SPINS] = ownCores ? SPINS_ON_OWN_CORE : SPINS_ON_SHARED_CORE
  return control
}

/** Thrown by a worker that waits when the others will not come. */
export class Stopped extends Error {}

/**
 * A meeting place for one of `workers` workers: the result returns when all have called it. It spins for as long as that has
 * paid lately: on cores that others use too, soon not at all.
 * @throws Stopped after `stop`
 */
export const meeterOf = (control: Int32Array, workers: number): (() => void) => {
  const most = control[SPINS]!
  let spins = most
  const spin = (generation: number): boolean => {
    for (let left = spins; left > 0; left--) if (Atomics.load(control, GENERATION) !== generation) return true
    return false
  }
  return () => {
    const generation = Atomics.load(control, GENERATION)
    if (Atomics.add(control, ARRIVED, 1) === workers - 1) {
      Atomics.store(control, ARRIVED, 0)
      Atomics.add(control, GENERATION, 1)
      // Whoever begins to sleep after this line finds the generation changed, and does not.
      if (Atomics.load(control, SLEEPING) > 0) Atomics.notify(control, GENERATION)
    } else if (spin(generation)) {
      spins = Math.min(most, Math.ceil(spins * (1 + MORE)))
    } else {
      spins = Math.max(SPINS_ON_SHARED_CORE, Math.floor(spins * (1 - LESS)))
      sleep(control, generation)
    }
  }
}

const sleep = (control: Int32Array, generation: number): void => {
  Atomics.add(control, SLEEPING, 1)
  while (Atomics.load(control, GENERATION) === generation) {
    if (Atomics.load(control, STOPPED) === 1) throw new Stopped('the other workers have ended')
    Atomics.wait(control, GENERATION, generation, LONGEST_SLEEP)
  }
  Atomics.sub(control, SLEEPING, 1)
}

/** Ends all waiting. */
export const stop = (control: Int32Array): void => {
  Atomics.store(control, STOPPED, 1)
  Atomics.notify(control, GENERATION)
}

/** Before a job, while nobody works: no step has failed, and no worker is tired. */
export const beginJob = (control: Int32Array): void => {
  Atomics.store(control, FAILED, -1)
  Atomics.store(control, TIRED, -1)
}

/** Says that a step failed, before the last meeting of that step. */
export const fail = (control: Int32Array, step: number): void => void Atomics.store(control, FAILED, step)

/** Whether somebody said so, after that meeting. */
export const failedAt = (control: Int32Array, step: number): boolean => Atomics.load(control, FAILED) === step

/** Says that the job ends with a step, before the last meeting of that step. */
export const tire = (control: Int32Array, step: number): void => void Atomics.store(control, TIRED, step)

/** Whether somebody said so, after that meeting. */
export const tiredAt = (control: Int32Array, step: number): boolean => Atomics.load(control, TIRED) === step

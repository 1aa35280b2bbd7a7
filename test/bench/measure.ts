/** Timing: warm-up, then rounds in which all contenders take turns. */

import { setTimeout as pause } from 'node:timers/promises'

import type { Engine } from '../../src/engine/engine.js'
import { inputsOf, type Network } from './cases.js'
import { timePeer, type Peer } from './peer.js'
import { median } from './statistics.js'

export interface Contender {
  readonly name: string
  /** milliseconds of so many learning steps */
  readonly time: (steps: number) => Promise<number>
}

export interface Pace {
  readonly rounds: number
  /** of one contender in one round, at least */
  readonly milliseconds: number
}

export const paceOf = (quick: boolean): Pace => (quick ? { rounds: 3, milliseconds: 50 } : { rounds: 9, milliseconds: 500 })

const LEAST_STEPS = 2
/** Learning steps of a call that is there for what calls cost. */
const FEW_STEPS = 2
const GROWTH = 4
/** Far more would run into subnormal momenta, which are another case. */
const MOST_STEPS = 1000
/** Threads of a library that has just worked may still be spinning. */
const SETTLE_MILLISECONDS = 50

export interface Rounds {
  readonly steps: number
  /** milliseconds a step */
  readonly rounds: readonly number[]
}

/** The warm-up: more and more steps, until they take long enough to tell how many fill a round. */
const stepsFor = async (time: Contender['time'], milliseconds: number): Promise<number> => {
  await time(LEAST_STEPS)
  for (let steps = LEAST_STEPS; ; steps = Math.min(MOST_STEPS, GROWTH * steps)) {
    const taken = await time(steps)
    if (taken * GROWTH < milliseconds && steps < MOST_STEPS) continue
    return Math.max(LEAST_STEPS, Math.min(MOST_STEPS, Math.ceil((steps * milliseconds) / taken)))
  }
}

/** One contender after the other, again and again, so that whatever slows the machine down slows them all down. */
export const alternate = async (
  contenders: readonly Contender[],
  { rounds, milliseconds }: Pace,
  onRound: (text: string) => void = () => {},
): Promise<readonly Rounds[]> => {
  const steps: number[] = []
  for (const { time, name } of contenders) {
    steps.push(await stepsFor(time, milliseconds))
    onRound(name)
  }
  const results = contenders.map(() => [] as number[])
  for (let round = 0; round < rounds; round++) {
    for (const [i, { time, name }] of contenders.entries()) {
      await pause(SETTLE_MILLISECONDS)
      results[i]!.push((await time(steps[i]!)) / steps[i]!)
      onRound(name)
    }
  }
  return results.map((values, i) => ({ steps: steps[i]!, rounds: values }))
}

/** What `alternate` reports: a warm-up and the rounds of each contender. */
export const roundsOf = (contenders: number, { rounds }: Pace): number => contenders * (rounds + 1)

/**
 * An engine. Calls are pure, so each that learns copies the weights in and out, which the peers do once and for all:
 * what a call of the fewest learning steps costs (the median of all) is taken off a call with so many more.
 */
export const engineContender = (name: string, engine: Engine, network: Network): Contender => {
  const few = network.config.learnFrom + FEW_STEPS
  const calls: number[] = []
  let cold = true
  const call = async (steps: number): Promise<number> => {
    const inputs = inputsOf(network, steps)
    const begin = performance.now()
    await engine.train(network.snapshot, [{ inputs }])
    return performance.now() - begin
  }
  return {
    name,
    time: async (steps) => {
      if (cold) await call(few) // threads and memory are made in the first call, and kept
      cold = false
      calls.push(await call(few))
      const whole = await call(few + steps)
      return Math.max(whole - median(calls), Number.EPSILON)
    },
  }
}

export const peerContender = (name: string, peer: Peer): Contender => ({ name, time: (steps) => timePeer(peer, steps) })

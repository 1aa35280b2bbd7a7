/**
 * Whether the wide kernels run here. They are for a runtime that joins two neighbouring 128-bit operations to one of 256
 * bits: V8 does with an experimental switch, for the whole process. So they run only where somebody allowed that, on
 * versions on which they were tried, and where they show that they give the bits of the others, and sooner.
 */

import type { Config } from '../../../ptncn/config.js'
import { createMemory, instantiate, type Kernels, type SharedMemory } from './kernels.js'
import { bitsOf, CHECKED_BYTES, plainNumbers, timedCalls, warmUp } from './self-test.js'

/** Why the wide kernels run, or do not. */
export interface Width {
  readonly wide: boolean
  /** for a person */
  readonly why: string
}

/** Versions of V8 with which every law was seen to hold under the switch: those of Node 24 and 26. */
const TRIED = ['13.6', '14.6']
const SWITCH = '--experimental-wasm-revectorize'

/** What is used of Node; a browser has none of it. */
interface Runtime {
  readonly arch: string
  readonly versions: { readonly v8?: string }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly getBuiltinModule?: (name: 'node:v8') => { readonly setFlagsFromString: (flags: string) => void }
}
const runtime = (): Runtime | undefined => (globalThis as { readonly process?: Runtime }).process

const no = (why: string): Width => ({ wide: false, why })

/** Wide kernels have to be faster by this factor, or they are not worth a switch; where they are joined they are by 1.8. */
const FASTER = 1.4
/** The fastest round counts: the first run code that is not compiled for good, and others were disturbed. */
const LEAST_ROUNDS = 12
const MOST_ROUNDS = 120

/** Kernels, and a memory of their own. */
interface Candidate {
  readonly kernels: Kernels
  readonly memory: SharedMemory
}

/** Milliseconds of one round of what is timed, on these numbers. */
const timeOf = ({ kernels, memory }: Candidate, numbers: Uint32Array): number => {
  const words = new Uint32Array(memory.buffer)
  words.set(numbers)
  warmUp(kernels)
  words.set(numbers)
  const begin = performance.now()
  timedCalls(kernels)
  return performance.now() - begin
}

/** Whether the wide kernels become faster, once both are compiled for good. */
const isFaster = (narrow: Candidate, wide: Candidate): boolean => {
  const numbers = plainNumbers()
  let [one, other] = [Infinity, Infinity]
  for (let round = 0; round < MOST_ROUNDS; round++) {
    one = Math.min(one, timeOf(narrow, numbers))
    other = Math.min(other, timeOf(wide, numbers))
    if (round >= LEAST_ROUNDS && FASTER * other < one) return true
  }
  return false
}

/**
 * The wide kernels against the others: these are asked for their bits before the switch is set, as from then on the
 * runtime joins operations of theirs too, and both are asked afterwards.
 */
export const judge = async (
  setSwitch: () => void,
  instantiateWide = (memory: SharedMemory) => instantiate(memory, true),
): Promise<Width> => {
  const candidateOf = async (make: (memory: SharedMemory) => Promise<Kernels>): Promise<Candidate> => {
    const memory = createMemory(CHECKED_BYTES)
    return { memory, kernels: await make(memory) }
  }
  const narrow = await candidateOf((memory) => instantiate(memory))
  const expected = bitsOf(narrow.kernels, narrow.memory)
  setSwitch()
  const wide = await candidateOf(instantiateWide)
  if (!isFaster(narrow, wide)) return no('they are no faster here')
  const same = [narrow, wide].every(({ kernels, memory }) => bitsOf(kernels, memory).every((word, i) => word === expected[i]))
  return same ? { wide: true, why: 'they give the same bits, and sooner' } : no('they give other bits here')
}

/** Whether this process may have the switch where its caller says nothing: by PTNCN_WIDE=1. */
const isAllowed = (): boolean => runtime()?.env['PTNCN_WIDE'] === '1'
/** Nobody may. */
const isForbidden = (): boolean => runtime()?.env['PTNCN_WIDE'] === '0'

const decide = async (allowed: boolean): Promise<Width> => {
  const here = runtime()
  if (isForbidden()) return no('PTNCN_WIDE=0 forbids them')
  if (!allowed || !here) return no('nobody allowed the switch of the runtime that they need')
  const v8 = here.versions.v8?.split('.').slice(0, 2).join('.') ?? 'none'
  if (here.arch !== 'x64' || !TRIED.includes(v8)) return no(`they were not tried with V8 ${v8} on ${here.arch}`)
  return judge(() => here.getBuiltinModule?.('node:v8').setFlagsFromString(SWITCH))
}

let decided: Promise<Width> | undefined

/**
 * Which kernels an engine is to run. The first time that it is allowed it sets the switch, and takes a tenth of a second;
 * it is decided once for all engines of a process.
 */
export const widthFor = (allowed: boolean = isAllowed()): Promise<Width> =>
  allowed && !isForbidden() ? (decided ??= decide(true)) : decide(false)

/** Networks of fewer units have no loops that are worth the tenth of a second. */
const LEAST_UNITS = 64

/** Whether an engine of this network runs the wide kernels; a small one only where it is told to. */
export const isWide = async ({ units }: Config, allowed?: boolean): Promise<boolean> =>
  (allowed === true || Math.max(...units.slice(1)) >= LEAST_UNITS) && (await widthFor(allowed)).wide

/** What the page is asked to do: the activity, the seed, the switches. */

import { keyOf, uniform } from '../numeric/random.js'
import { ACTIVATIONS, type Activation } from '../numeric/activation.js'
import { config, type ActivationName, type Config, type ProfileName } from '../ptncn/config.js'

export const KINDS = ['example', 'bounce', 'draw', 'text', 'wave', 'reber', 'rhythm', 'file'] as const
export type Kind = (typeof KINDS)[number]

/** Units by name; `table` is a function that nobody has seen before: random values at random. */
export const UNITS = [...Object.keys(ACTIVATIONS), 'stochastic', 'table'] as readonly (ActivationName | 'table')[]
export type UnitName = ActivationName | 'table'

/** Everything is plain, so that it goes into an address and to a worker. */
export interface Setup {
  readonly do: Kind
  readonly seed: number
  readonly profile: ProfileName
  readonly f: UnitName
  /** undefined is the profile's */
  readonly beta: number | undefined
  /** of the correction, in a step; undefined is the profile's */
  readonly passes: number | undefined
  /** of each of two hidden layers */
  readonly units: number
  /** pixels of a side of a frame */
  readonly side: number
  readonly learn: boolean
  readonly text: string
  /** heights from 0 to 1, as letters */
  readonly wave: string
  /** the ink of 14 x 14 pixels, as hexadecimal digits; empty is none */
  readonly ink: string
  /** letters of the weights that are cut: M, V, U */
  readonly lesion: string
  /** what bounces in place of digits; empty is none */
  readonly letter: string
}

/** Letters that a network of digits can be shown. */
export const LETTERS = [...'aegrsx'] as const

const PLAIN: Setup = {
  do: 'example',
  seed: 1,
  profile: 'online',
  f: 'tanh',
  beta: undefined,
  passes: undefined,
  units: 32,
  side: 16,
  learn: true,
  text: 'the cat sat on the mat. the rat sat on the cat. ',
  wave: '',
  ink: '',
  lesion: '',
  letter: '',
}

/** What an activity begins with. */
const USUAL: Readonly<Record<Kind, Partial<Setup>>> = {
  example: { profile: 'released', units: 2 },
  bounce: {},
  // a face, so that there is something to bounce
  draw: { ink: '00003f010208044cc9332400900248491e220104080fc0000' },
  text: {},
  wave: { units: 24 },
  reber: {},
  rhythm: { units: 16 },
  file: { profile: 'released', units: 2 },
}

export const setupFor = (kind: Kind, given: Partial<Setup> = {}): Setup => ({ ...PLAIN, ...USUAL[kind], ...given, do: kind })

const TABLE_ENTRIES = 64
const TABLE_REACH = 4

/** A function made of random values between -1 and 1: a step from one to the next wherever it likes. */
export const randomTable = (seed: number): Activation => {
  const values = Array.from({ length: TABLE_ENTRIES }, (_, i) => Math.fround(2 * uniform(keyOf(seed), i) - 1))
  return (a) => {
    if (Number.isNaN(a)) return a
    const place = Math.floor(((a + TABLE_REACH) / (2 * TABLE_REACH)) * TABLE_ENTRIES)
    return values[Math.max(0, Math.min(TABLE_ENTRIES - 1, place))]!
  }
}

/** Functions that have no slope to speak of; the correction has to be large enough to move them. */
const SLOPELESS: readonly UnitName[] = ['step', 'sign', 'table', 'stochastic']

const OUTPUTS: Readonly<Record<Kind, Config['output']>> = {
  example: 'softmax',
  bounce: 'sigmoid',
  draw: 'sigmoid',
  text: 'softmax',
  wave: 'identity',
  reber: 'softmax',
  rhythm: 'softmax',
  file: 'softmax',
}

/** Numbers of 0.05 and below suit layers of 128 units and less. */
const WEIGHT_SCALE = 0.05

/** The configuration of a setup, for so many inputs. @throws ConfigError */
export const configOf = ({ do: kind, profile, f, beta, passes, units, seed }: Setup, inputs: number): Config => {
  const slopeless = SLOPELESS.includes(f) ? ({ beta: 1, topDownSignal: 'correction' } as const) : {}
  return config(
    {
      units: [inputs, units, units],
      output: OUTPUTS[kind],
      activation: f === 'table' ? randomTable(seed) : f,
      ...(profile === 'online' && { weightScale: WEIGHT_SCALE }),
      ...slopeless,
      ...(beta !== undefined && { beta }),
      ...(passes !== undefined && { passes }),
    },
    profile,
  )
}

const NUMBERS: Readonly<Record<string, readonly [least: number, most: number]>> = {
  seed: [0, 2 ** 31],
  beta: [0, 2],
  passes: [1, 20],
  units: [1, 512],
  side: [8, 64],
}
const LONGEST = 2000

/** Letters of weights, each once and in their order. */
export const lesionOf = (letters: string): string => [...'MVU'].filter((letter) => letters.includes(letter)).join('')

/** Switches that may be turned while a network goes on. */
export const UNDER_WAY: readonly string[] = [
  'learn',
  'beta',
  'passes',
  'f',
  'lesion',
  'letter',
] satisfies readonly (keyof Setup)[]

/** What an address says of a field, where that is allowed; else what stood there before. */
const allowed = (name: string, text: string, before: Setup): unknown => {
  const value = before[name as keyof Setup]
  const limits = NUMBERS[name]
  if ((name === 'beta' || name === 'passes') && text === '') return undefined
  if (limits) {
    const number = Number(text)
    const fits = number >= limits[0] && number <= limits[1] && (name === 'beta' || Number.isInteger(number))
    return text !== '' && fits ? number : value
  }
  if (name === 'learn') return text !== 'no'
  if (name === 'profile') return ['released', 'paper', 'online'].includes(text) ? text : value
  if (name === 'f') return (UNITS as readonly string[]).includes(text) ? text : value
  if (name === 'lesion') return lesionOf(text)
  if (name === 'letter') return (LETTERS as readonly string[]).includes(text) ? text : ''
  return text.slice(0, LONGEST)
}

/** A setup with fields as an address has them. */
export const settled = (before: Setup, fields: Readonly<Record<string, string>>): Setup => {
  const given = Object.keys(PLAIN).filter((name) => name !== 'do' && Object.hasOwn(fields, name))
  const read = Object.fromEntries(given.map((name) => [name, allowed(name, fields[name]!, before)]))
  return { ...before, ...(read as Partial<Setup>) }
}

/** The setup that an address names; undefined where it names a place in the text instead. */
export const setupOf = (hash: string): Setup | undefined => {
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  const kind = KINDS.find((one) => one === fields.get('do'))
  return kind && settled(setupFor(kind), Object.fromEntries(fields))
}

/** The fields of a setup as an address has them: those that differ from another's, or from what its activity begins with. */
export const fieldsOf = (setup: Setup, other: Setup = setupFor(setup.do)): Readonly<Record<string, string>> => {
  const differing = Object.keys(PLAIN).filter((name) => setup[name as 'seed'] !== other[name as 'seed'] && name !== 'do')
  const text = (name: string): string => (name === 'learn' ? (setup.learn ? 'yes' : 'no') : String(setup[name as 'text'] ?? ''))
  return Object.fromEntries(differing.map((name) => [name, text(name)]))
}

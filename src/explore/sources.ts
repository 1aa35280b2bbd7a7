/** What the network sees, step after step: a function of the setup and of the number of the step. */

import { bouncing } from '../data/bouncing.js'
import { embeddedDigits, type GreyImages } from '../data/digits.js'
import { REBER_SYMBOLS, reberSequence } from '../data/grammar.js'
import { inkedAt } from '../io/pixel-font.js'
import type { Moment } from '../conform/scenario.js'
import type { Matrix } from '../numeric/matrix.js'
import { keyOf, split } from '../numeric/random.js'
import { inputOf, oneHot } from '../ptncn/state.js'
import type { Setup } from './setup.js'

/** A stream of inputs. */
export interface Source {
  readonly inputs: number
  /** of level 0, for pictures: rows and columns of a frame */
  readonly frame: readonly [rows: number, cols: number]
  /** names of the inputs, where they are symbols */
  readonly symbols?: readonly string[]
  /** the inputs of sequence `index`, one after another */
  readonly sequence: (index: number) => readonly Matrix[]
  /** whether an input is out of the ordinary */
  readonly odd?: (sequence: number, step: number) => boolean
}

const FRAMES = 20
const INK_SIDE = 14

const framesOf = ({ rows, cols, data }: Matrix): readonly Matrix[] =>
  Array.from({ length: rows }, (_, t) => ({ rows: 1, cols, data: (data as Float32Array).slice(t * cols, (t + 1) * cols) }))

const moving = (images: GreyImages, { seed, side }: Setup, digits: number): Source => ({
  inputs: side * side,
  frame: [side, side],
  sequence: (index) => framesOf(bouncing({ side, frames: FRAMES, digits }, images, split(keyOf(seed), index))),
})

let digits: GreyImages | undefined

/** The handwritten digits that come with the package, decoded once. */
const handwritten = (): GreyImages => (digits ??= embeddedDigits().training)

/** Ink as the address has it: four pixels a hexadecimal digit. */
export const inkOf = (text: string): Uint8Array => {
  const bits = new Uint8Array(INK_SIDE * INK_SIDE)
  for (let i = 0; i < bits.length; i++) bits[i] = (Number.parseInt(text[i >> 2] ?? '0', 16) >> (3 - (i & 3))) & 1 ? 255 : 0
  return bits
}

export const textOfInk = (bits: Uint8Array): string =>
  Array.from({ length: Math.ceil(bits.length / 4) }, (_, i) =>
    [0, 1, 2, 3].reduce((digit, j) => digit * 2 + ((bits[4 * i + j] ?? 0) > 0 ? 1 : 0), 0).toString(16),
  ).join('')

/** A letter of the pixel font, as large as a digit: what a network of digits has never seen. */
const letterImage = (letter: string): GreyImages => {
  const side = 28
  const pixels = new Uint8Array(side * side)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [fx, fy] = [Math.floor((x - 6.5) / 3), Math.floor((y - 0.5) / 3)]
      if (fx >= 0 && fx < 5 && fy >= 0 && inkedAt(letter, fx, fy)) pixels[y * side + x] = 255
    }
  return { count: 1, side, pixels }
}

/** A letter that bounces, along paths of its own. */
export const letterSource = (letter: string, setup: Setup): Source =>
  moving(letterImage(letter), { ...setup, seed: setup.seed + 1000 }, 1)

const symbolic = (symbols: readonly string[], sequence: (index: number) => readonly number[], odd?: Source['odd']): Source => ({
  inputs: symbols.length,
  frame: [1, symbols.length],
  symbols,
  sequence: (index) => sequence(index).map((symbol) => oneHot([symbol], symbols.length)),
  ...(odd && { odd }),
})

const MOST_SYMBOLS = 64

/** A text over and over, by its characters. */
const textSource = (text: string): Source => {
  const all = [...text]
  const characters = all.length > 1 ? all : [...`${text} .`]
  const symbols = [...new Set(characters)].sort().slice(0, MOST_SYMBOLS)
  const known = characters.map((one) => Math.max(0, symbols.indexOf(one)))
  return symbolic(symbols, () => known)
}

/** Heights from 0 to 1, as the address has them: a letter each, of 62. */
const HEIGHTS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
export const WAVE_POINTS = 32

/** What is drawn where nothing is: two sines. */
export const waveOf = (text: string): readonly number[] =>
  Array.from({ length: WAVE_POINTS }, (_, i) => {
    const at = text[i] === undefined ? -1 : HEIGHTS.indexOf(text[i]!)
    const angle = (2 * Math.PI * i) / WAVE_POINTS
    return at < 0 ? Math.fround(0.5 + 0.3 * Math.sin(angle) + 0.15 * Math.sin(3 * angle)) : at / (HEIGHTS.length - 1)
  })

export const textOfWave = (heights: readonly number[]): string =>
  heights.map((height) => HEIGHTS[Math.round(Math.max(0, Math.min(1, height)) * (HEIGHTS.length - 1))]).join('')

const PERIODS = 4

const waveSource = ({ wave }: Setup): Source => {
  const heights = waveOf(wave)
  const values = Array.from({ length: PERIODS * WAVE_POINTS }, (_, t) => 2 * heights[t % WAVE_POINTS]! - 1)
  const inputs = values.map((value): Matrix => ({ rows: 1, cols: 1, data: Float32Array.of(value) }))
  return { inputs: 1, frame: [1, 1], sequence: () => inputs }
}

/** Three beats and a clap, over and over; now and then a beat is missing its place. */
const RHYTHM = [0, 0, 0, 1] as const
const BARS = 12
const ODD_FROM = 40

/** The step of a sequence that is odd; none in the first ones, which are for learning. */
const oddStep = (sequence: number): number | undefined => (sequence < ODD_FROM || sequence % 2 === 0 ? undefined : 4 * 8 + 2)

const rhythmSource = (): Source =>
  symbolic(
    ['beat', 'clap', 'gong'],
    (index) => Array.from({ length: BARS * RHYTHM.length }, (_, t) => (t === oddStep(index) ? 2 : RHYTHM[t % RHYTHM.length]!)),
    (sequence, step) => step === oddStep(sequence),
  )

/** The inputs of an activity; those of the example and of files are given with them. */
export const sourceOf = (setup: Setup): Source => {
  switch (setup.do) {
    case 'bounce':
      return setup.letter === '' ? moving(handwritten(), setup, 2) : letterSource(setup.letter, setup)
    case 'draw':
      return moving({ count: 1, side: INK_SIDE, pixels: inkOf(setup.ink) }, setup, 1)
    case 'text':
      return textSource(setup.text)
    case 'wave':
      return waveSource(setup)
    case 'reber':
      return symbolic(REBER_SYMBOLS, (index) => reberSequence(split(keyOf(setup.seed), index)))
    default:
      return rhythmSource()
  }
}

/** Where a run is: a sequence, and a step of it. */
export interface At {
  readonly sequence: number
  readonly step: number
}

/** What comes in at a place: an input, and whether a sequence begins with it or ends after it. */
export const momentAt = (source: Source, { sequence, step }: At, seed: number): Moment => {
  const inputs = source.sequence(sequence)
  return {
    ...inputOf(inputs[step]!),
    ...(step === 0 && { begin: split(keyOf(seed), sequence) }),
    ...(step === inputs.length - 1 && { end: true }),
  }
}

export const nextPlace = (source: Source, { sequence, step }: At): At =>
  step + 1 < source.sequence(sequence).length ? { sequence, step: step + 1 } : { sequence: sequence + 1, step: 0 }

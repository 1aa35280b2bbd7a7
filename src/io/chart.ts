/** The arithmetic of charts: ticks, numbers as text, room for labels. The same everywhere, in all locales. */

/** An axis: its ends, and where it is marked. */
export interface Ticks {
  readonly least: number
  readonly most: number
  readonly values: readonly number[]
  /** a marked value as text, with as many decimals as the steps need */
  readonly show: (value: number) => string
}

const ABOUT = 6
/** An axis begins at 0 if that leaves at least this part of it to the values. */
const WORTH = 0.5

/** The whole exponent of a number's leading digit. Math.log10 is not the same everywhere; decimal text is. */
const exponentOf = (value: number): number => Number(value.toExponential().split('e')[1])

const powerOfTen = (exponent: number): number => Number(`1e${exponent}`)

/** The least of 1, 2 and 5 times a power of ten that divides the span into at most ABOUT + 1 steps. */
const stepOf = (span: number): number => {
  const rough = span / ABOUT
  const power = powerOfTen(exponentOf(rough))
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
}

/**
 * An axis for values. `whole`: from tick to tick, and from 0 where that costs little; `tight`: from the
 * least value to the largest, ticks in between. Values that are all one get some room around them; without
 * values the axis is 0 to 1.
 */
export const ticksOf = (values: readonly number[], ends: 'whole' | 'tight'): Ticks => {
  const [low, high] = roomFor(values)
  const from = ends === 'whole' && low > 0 && (high - low) / high >= WORTH ? 0 : low
  const step = stepOf(high - from)
  const [begin, end] = [from / step, high / step]
  const outward = ends === 'whole'
  const first = outward ? Math.floor(begin) : Math.ceil(begin)
  const last = outward ? Math.ceil(end) : Math.floor(end)
  const decimals = Math.max(0, -exponentOf(step))
  const marked = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step)
  const [least, most] = outward ? [first * step, last * step] : [from, high]
  return { least, most, values: marked, show: (value) => plain(value, decimals) }
}

/** Steps of a span below this would be subnormal, or 0. */
const TINY = 1e-300

const roomFor = (values: readonly number[]): readonly [number, number] => {
  if (values.length === 0) return [0, 1]
  const low = values.reduce((least, value) => Math.min(least, value))
  const high = values.reduce((most, value) => Math.max(most, value))
  if (high - low > Math.max(Math.abs(high) * 1e-9, TINY)) return [low, high]
  const room = Math.abs(high) > TINY ? Math.abs(high) / 10 : 1
  return [low - room, high + room]
}

/** From here on, and with more decimals, numbers are written with an exponent: axes have little room. */
const MOST_PLAIN = 1e7
const MOST_DECIMALS = 6

/** Never -0. */
const plain = (value: number, decimals: number): string => {
  const size = Math.abs(value)
  if (size === 0) return '0'
  if (size >= MOST_PLAIN || decimals > MOST_DECIMALS) {
    return Number(value.toPrecision(4)).toExponential().replace('+', '')
  }
  return value.toFixed(decimals).replace(/^-(0(\.0*)?)$/, '$1')
}

/** A figure to read: one decimal, or three digits where that would say less. */
export const shown = (value: number): string => {
  if (Number.isInteger(value)) return plain(value, 0)
  return Math.abs(value) >= 10 ? plain(value, 1) : String(Number(value.toPrecision(3)))
}

/** A label of at most `letters` letters and its value. */
export const labelled = (label: string, value: number, letters: number): string => `${shortened(label, letters)} ${shown(value)}`

/** The width of a letter of 12 pixels' height, on average and a little more. */
const LETTER = 6.8

/** About the width of a label, in pixels. */
export const lengthOf = (label: string): number => Math.ceil([...label].length * LETTER)

/** Words in one line of at most `letters` letters; three dots stand for what had to go. */
export const shortened = (words: string, letters: number): string => {
  const all = [...words.replace(/\s+/g, ' ').trim()]
  return all.length <= letters
    ? all.join('')
    : `${all
        .slice(0, letters - 1)
        .join('')
        .trimEnd()}\u2026`
}

const MOST_LINES = 3

/** Words in up to three lines of at most `letters` letters. */
export const wrapped = (words: string, letters: number, most = MOST_LINES): readonly string[] => {
  const all = [...words.replace(/\s+/g, ' ').trim()]
  const space = all.lastIndexOf(' ', letters)
  if (all.length === 0) return []
  if (all.length <= letters || most === 1 || space < 0) return [shortened(words, letters)]
  return [all.slice(0, space).join(''), ...wrapped(all.slice(space + 1).join(''), letters, most - 1)]
}

/**
 * Places for labels that want to be at `wanted`: at least `apart` from one another and between `least` and
 * `most`, as long as there is room for all; the order is kept.
 */
export const spread = (wanted: readonly number[], apart: number, least: number, most: number): readonly number[] => {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!)
  const down = order.reduce<number[]>((places, i) => {
    const free = (places.at(-1) ?? least - apart) + apart
    return [...places, Math.max(wanted[i]!, free)]
  }, [])
  const up = down.reduceRight<number[]>((places, place) => {
    const free = (places[0] ?? most + apart) - apart
    return [Math.min(place, free), ...places]
  }, [])
  return wanted.map((_, i) => up[order.indexOf(i)]!)
}

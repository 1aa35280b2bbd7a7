/** Pictures of a comparison, task by task. */

import { filmStrips } from '../../io/film.js'
import { learningCurve, type CurveOptions, type Series } from '../../io/svg.js'
import type { Matrix } from '../../numeric/matrix.js'
import { X_LABEL } from '../run/summary.js'
import { labelOf, machineOf, type Entry, type Run } from './claims.js'
import { isReber, pooled } from './tables.js'

/** The mean over the seeds at each point; the first point, untrained, would flatten the others. */
const meanCurve = (entry: Entry, x: (run: Run, i: number) => number | undefined): Series => {
  const points = entry.runs[0]!.result.curve.slice(1).flatMap((_, i) => {
    const known = entry.runs.flatMap((run) => {
      const [at, y] = [x(run, i + 1), run.result.curve[i + 1]?.validation]
      return at === undefined || y === undefined ? [] : [{ x: at, y }]
    })
    const mean = (of: (point: { x: number; y: number }) => number): number =>
      known.reduce((sum, point) => sum + of(point), 0) / known.length
    return known.length < entry.runs.length ? [] : [{ x: mean((point) => point.x), y: mean((point) => point.y) }]
  })
  return { label: labelOf(entry), points }
}

const bySequences = ({ result }: Run, i: number): number | undefined => result.curve[i]?.sequences
const bySeconds = ({ cost }: Run, i: number): number | undefined => cost?.curve[i]?.seconds

const NAMES = ['curves', 'seconds', 'distance'] as const

/** A chart before it is drawn. */
export interface Drawing {
  /** of its file, without the task */
  readonly name: (typeof NAMES)[number]
  readonly series: readonly Series[]
  readonly options: CurveOptions
}

const curves = (title: string, entries: readonly Entry[], x: 'sequences' | 'seconds'): Drawing => ({
  name: x === 'sequences' ? 'curves' : 'seconds',
  series: entries.map((entry) => meanCurve(entry, x === 'sequences' ? bySequences : bySeconds)),
  options: { title, xLabel: x === 'sequences' ? X_LABEL : 'seconds of training', yLabel: entries[0]!.runs[0]!.result.unit },
})

/** Strings that a point of the picture needs. */
const ENOUGH = 20

const distances = (title: string, entries: readonly Entry[]): Drawing => ({
  name: 'distance',
  series: entries.map((entry): Series => ({
    label: labelOf(entry),
    points: pooled(entry)
      .filter(({ count }) => count >= ENOUGH)
      .map(({ distance, count, correct }) => ({ x: distance, y: correct / count })),
  })),
  options: {
    title,
    xLabel: 'steps from the second symbol to the last but one',
    yLabel: 'accuracy',
    references: [{ label: 'a guess', value: 0.5 }],
  },
})

const frameOf = (text: string): Matrix => {
  const data = Float32Array.from(Buffer.from(text, 'base64'), (level) => level / 255)
  return { rows: 1, cols: data.length, data }
}

const films = (title: string, entries: readonly Entry[]): Uint8Array | undefined => {
  const known = entries.flatMap((entry) =>
    entry.runs.flatMap(({ result: { film } }) => (film ? [{ label: labelOf(entry), film }] : [])),
  )
  if (known.length === 0) return undefined
  return filmStrips(
    known[0]!.film.truth.map(frameOf),
    known.map(({ label, film }) => ({ label, frames: film.prediction.map(frameOf) })),
    { title, cols: known[0]!.film.side },
  )
}

const ofUnits = (entries: readonly Entry[]): readonly Entry[] => entries.filter(({ size }) => size === 'units')
const mainOf = (entries: readonly Entry[]): readonly Entry[] => ofUnits(entries).filter(({ variant }) => variant === 'tanh')

/** Curves by samples and by seconds, and memory against distance. */
export const drawings = (task: string, entries: readonly Entry[]): readonly Drawing[] => {
  const main = mainOf(entries)
  // of tasks that follow each other there is no curve
  const curved = main.filter(({ runs }) => runs[0]!.result.curve.length > 1)
  const timed = curved.filter(({ runs }) => runs.every(({ cost }) => cost))
  const alike = timed.filter((entry) => machineOf(entry) === machineOf(timed[0]!))
  return [
    ...(curved.length > 0 ? [curves(`Validation score of ${task}, mean over seeds`, curved, 'sequences')] : []),
    ...(alike.length > 0
      ? [curves(`Validation score of ${task} against time on one machine, mean over seeds`, alike, 'seconds')]
      : []),
    ...(main.some(isReber) ? [distances("Accuracy on Reber's repeated symbol, all seeds", main)] : []),
  ]
}

/** All predictions of one sequence of frames. */
export const film = (task: string, entries: readonly Entry[]): Uint8Array | undefined =>
  mainOf(entries).length === 0 ? undefined : films(task, ofUnits(entries))

/** With no content where there is nothing to draw: a file of that name is then one of before. */
type Picture = readonly [file: string, content: string | Uint8Array | undefined]

/** All that there can be, as files. */
export const pictures = (task: string, entries: readonly Entry[]): readonly Picture[] => {
  const drawn = drawings(task, entries)
  const chart = (name: string): string | undefined => {
    const drawing = drawn.find((one) => one.name === name)
    return drawing && learningCurve(drawing.series, drawing.options)
  }
  return [...NAMES.map((name): Picture => [`${name}-${task}.svg`, chart(name)]), [`film-${task}.png`, film(task, entries)]]
}

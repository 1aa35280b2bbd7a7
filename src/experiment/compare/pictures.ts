/** Pictures of a comparison, task by task. */

import { filmStrips } from '../../io/film.js'
import { learningCurve, type Series } from '../../io/svg.js'
import type { Matrix } from '../../numeric/matrix.js'
import { X_LABEL } from '../run/summary.js'
import { labelOf, type Entry, type Run } from './claims.js'
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

const curves = (title: string, entries: readonly Entry[], x: 'sequences' | 'seconds'): string =>
  learningCurve(
    entries.map((entry) => meanCurve(entry, x === 'sequences' ? bySequences : bySeconds)),
    { title, xLabel: x === 'sequences' ? X_LABEL : 'seconds of training', yLabel: entries[0]!.runs[0]!.result.unit },
  )

/** Strings that a point of the picture needs. */
const ENOUGH = 20

const distances = (title: string, entries: readonly Entry[]): string =>
  learningCurve(
    entries.map((entry): Series => ({
      label: labelOf(entry),
      points: pooled(entry)
        .filter(({ count }) => count >= ENOUGH)
        .map(({ distance, count, correct }) => ({ x: distance, y: correct / count })),
    })),
    {
      title,
      xLabel: 'steps from the second symbol to the last but one',
      yLabel: 'accuracy',
      references: [{ label: 'a guess', value: 0.5 }],
    },
  )

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

type Picture = readonly [file: string, content: string | Uint8Array]

/** Curves by samples and by seconds, memory against distance, and all predictions of one sequence. */
export const pictures = (task: string, entries: readonly Entry[]): readonly Picture[] => {
  const ofUnits = entries.filter(({ size }) => size === 'units')
  const main = ofUnits.filter(({ variant }) => variant === 'tanh')
  const film = films(task, ofUnits)
  if (main.length === 0) return []
  return [
    [`curves-${task}.svg`, curves(`Validation score of ${task}, mean over seeds`, main, 'sequences')],
    [`seconds-${task}.svg`, curves(`Validation score of ${task} against time, mean over seeds`, main, 'seconds')],
    ...(main.some(isReber)
      ? [[`distance-${task}.svg`, distances("Accuracy on Reber's repeated symbol, all seeds", main)] as const]
      : []),
    ...(film ? [[`film-${task}.png`, film] as const] : []),
  ]
}

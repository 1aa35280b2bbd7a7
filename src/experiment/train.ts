/** The main job: train on bouncing digits, and score on digits never trained on. No clock, no files, no terminal. */

import { bouncingBatch } from '../data/bouncing.js'
import { embeddedDigits } from '../data/digits.js'
import { trivialScores, type TrivialScores } from '../data/trivial.js'
import type { Engine, Measurement, Sequence, Snapshot } from '../engine/engine.js'
import { sumScores } from '../engine/reference.js'
import { keyOf, split } from '../numeric/random.js'
import type { Matrix } from '../numeric/matrix.js'
import { initialOptimizer } from '../optim/optimizer.js'
import { initialWeights } from '../ptncn/weights.js'

export interface TrainSettings {
  /** the side of a frame, in pixels */
  readonly side: number
  /** frames a sequence */
  readonly frames: number
  /** sequences that advance together */
  readonly batch: number
  /** sequences to train on, in all */
  readonly sequences: number
  readonly seed: number
}

/** A point of the learning curve; both scores in nats a frame. */
export interface CurvePoint {
  readonly sequences: number
  /** the mean over the training sequences since the point before; none at 0 */
  readonly train?: number
  readonly test: number
}

export interface TrainResult {
  readonly curve: readonly CurvePoint[]
  readonly trivial: TrivialScores
  readonly snapshot: Snapshot
  /** the first test sequence, frame by frame: the truth, and the prediction made before it was seen */
  readonly film: { readonly truth: readonly Matrix[]; readonly prediction: readonly Matrix[] }
  /** whether it was stopped before its end */
  readonly stopped: boolean
}

export interface Watch {
  /** after each batch: sequences done, and the batch's score in nats a frame */
  readonly onBatch: (sequences: number, loss: number) => void
  readonly onPoint: (point: CurvePoint) => void
  /** asked before each batch; may let others have their turn */
  readonly stop: () => Promise<boolean>
}

/** Points of the curve after the first. */
const POINTS = 20
const DIGITS = 2
const TEST_BATCHES = 4
const TEST_ROWS = 25
/** Training batches over which the mean frame is taken. */
const TRIVIAL_BATCHES = 10
/** The test sequences are the same for every seed. */
const TEST_SEED = 20_200_101
/** The children of a run's key. */
const STREAM = { weights: 0, sequences: 1 } as const

/** The score of several measurements, in nats a frame. */
const perFrame = (engine: Engine, measurements: readonly Measurement[]): number => {
  const { loss, count } = sumScores(engine.config, measurements)
  return loss / count
}

/**
 * Trains an engine of n_0 = side * side and sigmoid outputs.
 * @throws DivergenceError of the engine, with the last good snapshot
 */
export const train = async (settings: TrainSettings, engine: Engine, watch: Watch): Promise<TrainResult> => {
  const { training: trainDigits, test: testDigits } = embeddedDigits()
  const options = { ...settings, digits: DIGITS }
  const key = keyOf(settings.seed)
  const { batch, sequences } = settings
  // the last batch has as many rows as are left
  const sequence = (i: number): Sequence =>
    bouncingBatch(options, trainDigits, split(split(key, STREAM.sequences), i), Math.min(batch, sequences - i * batch))
  const testSequences = Array.from({ length: TEST_BATCHES }, (_, i) =>
    bouncingBatch(options, testDigits, split(keyOf(TEST_SEED), i), TEST_ROWS),
  )
  const testScore = async (from: Snapshot): Promise<number> =>
    perFrame(engine, (await engine.evaluate(from, testSequences)).measurements)

  let snapshot: Snapshot = {
    weights: initialWeights(engine.config, split(key, STREAM.weights)),
    optimizer: initialOptimizer(engine.config),
  }
  const curve: CurvePoint[] = [{ sequences: 0, test: await testScore(snapshot) }]
  watch.onPoint(curve[0]!)
  const batches = Math.ceil(sequences / batch)
  const trained = (): number => Math.min(sequences, done * batch)
  const marks = new Set(Array.from({ length: POINTS }, (_, i) => Math.ceil(((i + 1) * batches) / POINTS)))
  let recent: Measurement[] = []
  let done = 0
  const addPoint = async (): Promise<void> => {
    curve.push({ sequences: trained(), train: perFrame(engine, recent), test: await testScore(snapshot) })
    watch.onPoint(curve.at(-1)!)
    recent = []
  }
  while (done < batches && !(await watch.stop())) {
    const outcome = await engine.train(snapshot, [sequence(done)])
    done++
    snapshot = outcome.snapshot
    recent.push(...outcome.measurements)
    watch.onBatch(trained(), perFrame(engine, outcome.measurements))
    if (marks.has(done)) await addPoint()
  }
  if (recent.length > 0) await addPoint()
  const sample = Array.from({ length: Math.min(TRIVIAL_BATCHES, batches) }, (_, i) => sequence(i))
  const trivial = trivialScores(sample, testSequences)
  return { curve, trivial, snapshot, film: await film(engine, snapshot, testSequences[0]!), stopped: done < batches }
}

/** The first row of a sequence, and what was predicted for it. */
const film = async (engine: Engine, from: Snapshot, sequence: Sequence): Promise<TrainResult['film']> => {
  const { measurements } = await engine.evaluate(from, [sequence], { predictions: true })
  return { truth: sequence.inputs.map(({ x }) => firstRow(x)), prediction: measurements[0]!.predictions!.map(firstRow) }
}

const firstRow = ({ cols, data }: Matrix): Matrix => ({ rows: 1, cols, data: Array.from({ length: cols }, (_, j) => data[j]!) })

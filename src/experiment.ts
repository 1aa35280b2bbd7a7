/** `ptncn/experiment`: the training loop, scores, and what a run leaves: results, charts and film strips. */

export { networkOf, trainingOf, withoutCorrection } from './experiment/settings.js'
export {
  beginning,
  scorePart,
  train,
  type CurvePoint,
  type Standing,
  type TrainSettings,
  type Watch,
} from './experiment/train.js'
export { continueSeries, dream, filmOf, symbolsOf, writeText } from './experiment/generate.js'
export { finish, type Done, type Ending } from './experiment/run/summary.js'
export { openTrained, type Trained } from './experiment/run/folder.js'
export { intervalOf, type Interval } from './experiment/statistics.js'
export { filmStrip, type Film, type FilmOptions } from './io/film.js'
export { learningCurve, type CurveOptions, type Series } from './io/svg.js'

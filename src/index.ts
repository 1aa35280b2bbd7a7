/** The public names. */

export { PtncnError, type ErrorName } from './errors.js'
export * from './numeric/matrix.js'
export * from './numeric/product.js'
export { columnSums, frobeniusNorm, rowSums, total } from './numeric/sum.js'
export { exp, log, sigmoid, softmax, tanh } from './numeric/elementary.js'
export { ACTIVATIONS, type Activation } from './numeric/activation.js'
export { below, keyOf, normals, philox, split, uniform, type Key } from './numeric/random.js'
export * from './ptncn/config.js'
export {
  initialWeights,
  mapWeights,
  namesOf,
  weightShapes,
  WEIGHT_NAMES,
  type Layer,
  type LayerWeights,
  type WeightName,
  type Weights,
} from './ptncn/weights.js'
export { initialState, unmasked, type Input, type State } from './ptncn/state.js'
export { infer, step, type Inference, type Step, type StepOptions } from './ptncn/step.js'
export type { See } from './ptncn/trace.js'
export { clip, mean, OPTIMIZERS, project } from './ptncn/optimizers.js'
export { score, sumScores, type Score } from './ptncn/scores.js'
export { applyUpdates, endSequence, initialOptimizer, reduce, type Model, type OptimizerState } from './ptncn/apply.js'
export type { Divergence } from './engine/divergence.js'
export type { Engine, Learner, Measurement, Outcome, RunOptions, Sequence, Snapshot } from './engine/engine.js'
export { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './io/checkpoint.js'
export { referenceEngine, type Equations } from './engine/reference.js'
export { wasmEngine } from './engine/fast/wasm.js'
export { parallelEngine, type ParallelOptions } from './engine/fast/parallel.js'
export { binary64, type Algebra } from './rivals/algebra.js'
export { bptt, lstm, tbptt } from './rivals/bptt.js'
export { esn, ESN_DEFAULTS, type EsnSettings } from './rivals/esn.js'
export { fastAlgebra } from './rivals/fast-algebra.js'
export type { Rival, RivalConfig, RivalModel, Tensors } from './rivals/rival.js'
export { rtrl } from './rivals/rtrl.js'
export { sab, SAB_DEFAULTS, type SabSettings } from './rivals/sab.js'
export { uoro } from './rivals/uoro.js'

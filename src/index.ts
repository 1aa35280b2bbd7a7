/** `ptncn`: the network. Configuration, step, optimisers, engines on the calling thread, checkpoints; runs in a browser too. */

export { PtncnError, type ErrorName } from './errors.js'
export { fromRows, matrix, type Floats, type Matrix } from './numeric/matrix.js'
export { ACTIVATIONS, type Activation } from './numeric/activation.js'
export { keyOf, type Key } from './numeric/random.js'
export {
  config,
  CONFIG_FIELDS,
  profiles,
  SPEC_VERSION,
  type ActivationName,
  type Config,
  type ProfileName,
} from './ptncn/config.js'
export { initialWeights, WEIGHT_NAMES, type Layer, type LayerWeights, type WeightName, type Weights } from './ptncn/weights.js'
export { initialState, inputOf, oneHot, type Input, type State } from './ptncn/state.js'
export { infer, step, type Inference, type Step, type StepOptions } from './ptncn/step.js'
export type { See } from './ptncn/trace.js'
export { applyUpdates, endSequence, initialModel, initialOptimizer, type Model, type OptimizerState } from './ptncn/apply.js'
export { meanLoss, score, sumScores, type Score } from './ptncn/scores.js'
export type { Divergence } from './engine/divergence.js'
export type { Engine, Learner, Measurement, Outcome, RunOptions, Sequence, Snapshot } from './engine/engine.js'
export { freeRun, type FreeStep } from './engine/free-run.js'
export { referenceEngine, type Equations } from './engine/reference.js'
export { wasmEngine } from './engine/fast/wasm.js'
export { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './io/checkpoint.js'

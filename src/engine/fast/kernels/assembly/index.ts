/** The module of the kernels: everything that an engine calls. */

export { product } from './product'
export { columnSums, outer } from './outer'
export {
  activateTanh, activateSigmoid, activateRelu, activateRelu6,
  activateLtanh, activateSign, activateStep, activateIdentity,
} from './elementwise'
export { addBias, check, clearPads, correct, difference, drive, keep, sawAbove, subtract } from './elementwise'
export { draw } from './draw'
export { differenceRows, scores, softmax } from './score'
export { apply, combineRows, fade, normOf, project, setOptimizer, setPowers, setRate, setReduction } from './apply'
export { applyTransposed, follow } from './follow'
export { applyOne, sumSquaresOne } from './rank-one'
export { gather, makeIndex, scatter } from './sparse'
export { pack, unpack } from './pack'
export { peak } from './probe'

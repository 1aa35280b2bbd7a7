/**
 * The module of the kernels for a runtime that joins two neighbouring 128-bit operations to one of 256 bits, as V8 does
 * with `--experimental-wasm-revectorize`. It is that of index.ts but for the shapes of the blocks of two kernels.
 *
 * What is joined are pairs of operations that end in two stores 16 bytes apart. A function that takes a v128 ends the
 * runtime where its argument comes into such a pair (V8 14.6), so none does.
 */

export { product } from './wide-product'
export { outer } from './wide-outer'
export { columnSums } from './outer'
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

import { fadesTogether, followsWeights, sharesMoments } from './alignment.js'
import * as controls from './controls.js'
import * as engines from './engine-controls.js'
import { law } from './laws.js'
import { ignoresMaskedRows, ignoresPadding, permutesRows } from './rows.js'
import { clipsMoves, clipsUpdates, leavesArguments, leavesOperands, predictsBlindly, restsWithoutBeta } from './sanity.js'
import { engineFrom, ENGINES, reference } from './subject.js'

const right = { reference }

law('Law 9, P1: the prediction of a step does not depend on its input', predictsBlindly, ENGINES, {
  'a prediction that sees the input': engineFrom(controls.seesInput),
})

law('Law 10: an engine never changes its arguments, and gives equal results for equal ones', leavesArguments, ENGINES, {
  'a step that writes into its input': engineFrom(controls.writesIntoInput),
  'a step that counts its calls': engineFrom(controls.countsItsCalls()),
})

law(
  'Law 10, [sq-infer]: steps and optimisers never change an operand, and give equal results for equal ones',
  leavesOperands,
  right,
  { 'a step that writes into its input': controls.writesIntoInput, 'a step that counts its calls': controls.countsItsCalls() },
)

law('Law 11, C1, C4, S1-S4: what a masked row holds changes no update, no score and no other row', ignoresMaskedRows, ENGINES, {
  'a step that forgets the mask': engineFrom(controls.forgetsMask),
  'a score of all rows': engineFrom(controls.scoresAll),
  'a step that couples the rows': engineFrom(controls.couplesRows),
})

law(
  'Law 11, C1, C4, S1-S4: what stands in the padding of a sequence changes nothing but the padded rows',
  ignoresPadding,
  ENGINES,
  {
    'a step that forgets the mask': engineFrom(controls.forgetsMask),
    'a step that couples the rows': engineFrom(controls.couplesRows),
  },
)

law('Law 12, C3, C4, L3-L6: with beta = 0 there is no correction, and M, V, U and b do not move', restsWithoutBeta, ENGINES, {
  'a rule that moves M at rest': engineFrom(controls.restlessM),
  'a step that corrects anyway': engineFrom(controls.correctsAnyway),
})

law('Law 13, O1: a clipped update has at most the norm r', clipsUpdates, right, {
  'no clip': controls.unclipped,
  'a clip of each element': controls.clipsElements,
})

law('Law 13, O1, O3: descent moves a clipped weight by at most rate r', clipsMoves, ENGINES, {
  'no clip': engines.misconfigured((config) => ({ ...config, clip: 0 })),
  'a clip of each element': engineFrom(controls.clipsElements),
})

law('Law 14, A1-C4: permuting the rows permutes states and predictions, bit for bit', permutesRows, ENGINES, {
  'a step that couples the rows': engineFrom(controls.couplesRows),
  'a step that knows where a row stands': engineFrom(controls.numbersRows),
})

law(
  'Law 16, L1, L2, O1-O3: with gamma 1, one rate and no projection E - W transposed keeps its initial value',
  followsWeights,
  ENGINES,
  {
    'an E that is not clipped like W': engineFrom(controls.unclippedE),
    'an error rule of its own': engines.misconfigured((config) => ({ ...config, errorRule: 'temporal' })),
  },
)

law('Law 16, L1, L2, O5: with a decay E - W transposed fades by that part at each update', fadesTogether, ENGINES, {
  'an engine that forgets the decay': engines.misconfigured((config) => ({ ...config, weightDecay: 0 })),
  'an E that is not clipped like W': engineFrom(controls.unclippedE),
})

law('Law 16, L1, L2: without a clip the moments of E are those of W transposed, bit for bit', sharesMoments, ENGINES, {
  'an E that is not clipped like W': engineFrom(controls.unclippedE),
})

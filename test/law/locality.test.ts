import { wasmEngine } from '../../src/engine/fast/wasm.js'
import * as controls from './controls.js'
import * as engines from './engine-controls.js'
import { law } from './laws.js'
import { agreesWithReference, anyOrder, readsAllThatItNames, readsWhatItNames } from './locality.js'
import { engineFrom, reference } from './subject.js'

const right = { reference }

law(
  'Law 7, A1-L6: an intervention on a signal or weight that a rule does not name changes no bit of it',
  readsWhatItNames,
  right,
  {
    'a step that reads the weights of a neighbour': controls.neighboursWeights,
    'a step that multiplies by 1 - z^2': controls.hiddenDerivative,
    'a correction that reads the corrected layer below': controls.gaussSeidel,
    'a prediction that sees the input': controls.seesInput,
  },
)

law('Law 7, A1-L6: an intervention on a signal or weight that a rule names changes it', readsAllThatItNames, right, {
  'a step that forgets the mask': controls.forgetsMask,
  'a step that does not read U': controls.withoutU,
})

law('Law 8, A1-L6: any order of the layers within a phase gives the same bits', anyOrder, right, {
  'a correction that reads the corrected layer below': controls.gaussSeidel,
})

law(
  'Law 8, A1-O4, [sq-start]: an engine gives the bits of the reference engine',
  agreesWithReference,
  { 'wasm engine': wasmEngine },
  {
    'an engine whose beta is off by one unit in the last place': engines.lastPlace,
    'a step that forgets the mask': engineFrom(controls.forgetsMask),
  },
)

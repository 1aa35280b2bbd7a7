import * as controls from './controls.js'
import { law } from './laws.js'
import { anyOrder, readsAllThatItNames, readsWhatItNames } from './locality.js'
import { reference } from './subject.js'

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

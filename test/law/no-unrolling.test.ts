import * as controls from './controls.js'
import * as engines from './engine-controls.js'
import { law } from './laws.js'
import { forgetsHistory, meetsAgain, staysTheSameSize, stopsAnywhere } from './no-unrolling.js'
import { engineFrom, ENGINES } from './subject.js'

law(
  'Law 4, [st-carried]: engines given the same snapshot give the same bits, whatever each has run before',
  forgetsHistory,
  ENGINES,
  {
    'a step that keeps a window of past inputs': engineFrom(controls.windowKeeper('A1.a')),
    'a step that counts its calls': engineFrom(controls.countsItsCalls()),
  },
)

law('Law 4, [st-carried]: two histories that end in the same state give the same bits ever after', meetsAgain, ENGINES, {
  'a step that keeps a window of past inputs': engineFrom(controls.windowKeeper('P1.p')),
})

law(
  'Law 5, [st-carried] [st-start] [op-state]: state and optimiser hold the listed tensors after 1,000 steps',
  staysTheSameSize,
  ENGINES,
  { 'a state that keeps its inputs': engineFrom(controls.growingState) },
)

law(
  'Law 6, [sq-start] [sq-update]: stopped after any steps and gone on from values, a run gives the same bits',
  stopsAnywhere,
  ENGINES,
  {
    'a step that keeps a window of past inputs': engineFrom(controls.windowKeeper('A1.a')),
    'a snapshot without the step number': engines.losesTime,
    'a snapshot without the uncorrected states': engines.losesZ,
    'a snapshot without the sum of the sequence': engines.losesSum,
    'a snapshot without a velocity': engines.losesVelocity,
  },
)

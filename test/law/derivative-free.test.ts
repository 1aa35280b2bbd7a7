import * as controls from './controls.js'
import { movesEachStep, movesOnceASequence } from './application.js'
import { countsCalls, keepsEquations, needsNoSlope, replaysCalls } from './derivative-free.js'
import { law } from './laws.js'
import { reference } from './subject.js'

const right = { reference }

law(
  'Law 1, A1-L6, [ar-round] [ar-product] [ar-stochastic] [st-carried]: ' +
    'whatever f is, random tables too, every signal equals its equation bit for bit',
  keepsEquations,
  right,
  {
    'a step that multiplies by 1 - z^2': controls.hiddenDerivative,
    'a step that measures the slope of f': controls.measuredSlope,
    'a step that forgets the mask': controls.forgetsMask,
    'a step that transposes dV': controls.transposedV,
  },
)

law(
  'Law 1, A2, C3, P1: f is called at every a, and in paper at the hidden logits, that often at every step',
  countsCalls,
  right,
  { 'a step that calls f once more': controls.oneMoreCall, 'a step that measures the slope of f': controls.measuredSlope },
)

law('Law 1, [ar-units]: another f that agrees where f is called gives the same bits everywhere', replaysCalls, right, {
  'a step that calls f once more': controls.oneMoreCall,
  'a step that measures the slope of f': controls.measuredSlope,
})

law('O1-O4, S1-S4, [op-state]: every new weight, moment and score equals its equation bit for bit', movesEachStep, right, {
  'a mean over one row too many': controls.wrongMean,
  'momentum that does not look ahead': controls.noLookahead,
  'a clip of each element': controls.clipsElements,
  'a score in bits': controls.scoresInBits,
})

law('O1-O4, [sq-update]: with update: sequence the updates are added up and move the weights once', movesOnceASequence, right, {
  'updates at every step': {
    ...reference,
    applyUpdates: (config, ...rest) => reference.applyUpdates({ ...config, update: 'step' }, ...rest),
  },
})

law(
  'Law 2, A1-L6, [ar-units]: with steps, sign, random tables and constants for f all is defined and finite',
  needsNoSlope,
  right,
  { 'a step that divides by the slope of f': controls.dividedBySlope },
)

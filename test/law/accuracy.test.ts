import { after } from 'node:test'

import { isAccurate, linesOf, respondsAccurately, type Report } from './accuracy.js'
import * as controls from './controls.js'
import { law } from './laws.js'
import { reference, type Subject } from './subject.js'

/** Of the right subject only; printed where the environment variable PRINT is 1. */
const report: Report = new Map()
const reportOf = (subject: Subject): Report => (subject === reference ? report : new Map())

const right = { reference }
const CASES = ([1, 2, 4] as const).flatMap((l) =>
  (['released', 'paper'] as const).map((profile) => ({ layers: [l, l], profile }) as const),
)

law(
  'Law 15, A1-O4, S1-S3: one, two and four layers of both profiles are within the bounds of the evaluator',
  (subject: Subject) => {
    for (const domain of CASES) isAccurate(subject, reportOf(subject), domain, 15)
  },
  right,
  {
    'a step that transposes dV': controls.transposedV,
    'a step with the wrong sign of alpha': controls.wrongSignOfAlpha,
    'a step that forgets the mask': controls.forgetsMask,
    'a mean over one row too many': controls.wrongMean,
    'momentum that does not look ahead': controls.noLookahead,
  },
)

law(
  'Law 15, A1-O4, S1-S3: every switch is within the bounds of the evaluator',
  (subject: Subject) => isAccurate(subject, reportOf(subject), {}, 120),
  right,
  { 'a score in bits': controls.scoresInBits, 'a step that does not read U': controls.withoutU },
)

law(
  'Law 15, A2, [ar-tanh] [ar-sigmoid]: activations are within their bounds at zeros, subnormals and borders',
  (subject: Subject) => respondsAccurately(subject, reportOf(subject)),
  right,
  { 'a series for tanh': controls.seriesForTanh },
)

after(() => {
  if (process.env.PRINT === '1') console.log(linesOf(report).join('\n'))
})

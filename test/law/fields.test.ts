import * as controls from './controls.js'
import * as engines from './engine-controls.js'
import { movesByRows, rests, staysTransposed } from './fields.js'
import { law } from './laws.js'
import { ENGINES, reference } from './subject.js'

law(
  'Law 12, C4, L3-L6: a unit whose drive is outside of the window in every row moves no weight that leads into it',
  rests,
  { reference },
  { 'a step that forgets the window': controls.forgetsWindow, 'a rule that moves M at rest': controls.restlessM },
)

law(
  '[op-rate]: a matrix moves as at the rate of its own rows, M_1 and biases as at the one that is given',
  movesByRows,
  ENGINES,
  {
    'one rate for all': engines.misconfigured((config) => ({ ...config, rateFanIn: 0 })),
    'rates of half the fan-in': engines.misconfigured((config) => ({ ...config, rateFanIn: config.rateFanIn / 2 })),
  },
)

law(
  'Law 16, [wt-init], L1, L2: E that begins as W transposed stays that, bit for bit, without a clip',
  staysTransposed,
  ENGINES,
  {
    'an error rule of its own': engines.misconfigured((config) => ({ ...config, errorRule: 'temporal' })),
    'a smaller part for E': engines.misconfigured((config) => ({ ...config, gamma: 0.5 })),
  },
)

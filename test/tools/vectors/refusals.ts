/** More requests that have to be refused: each misuse that the kit knew when they were made, once, as it drew it then. */

import { kept } from './kept.js'

export const refusals = {
  refusals: { about: 'More requests that have to be refused', spec: '0.2.0', entries: kept('refusals') },
} as const

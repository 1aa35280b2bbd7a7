/** The wrong ports of the second set: at least 150, of the classes that the first set left out. */

import { ends } from './ends.js'
import { numbers } from './numbers.js'
import { parts } from './parts.js'
import type { WrongPort } from './port.js'
import { requests } from './requests.js'
import { sizes } from './sizes.js'

export type { WrongPort } from './port.js'
export const WRONG_PORTS: readonly WrongPort[] = [...sizes, ...numbers, ...requests, ...ends, ...parts]

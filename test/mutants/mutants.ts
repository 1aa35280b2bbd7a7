/** The mistakes that the tests have to notice: one line each, in a copy of src. */

import { numericMutants } from './numeric.js'
import { optimMutants } from './optim.js'
import { ptncnMutants } from './ptncn.js'

export interface Mutant {
  readonly id: string
  /** the equation or clause that it breaks */
  readonly equation: string
  /** below src */
  readonly file: string
  /** stands exactly once in the file */
  readonly from: string
  readonly to: string
}

export const MUTANTS: readonly Mutant[] = [...ptncnMutants, ...optimMutants, ...numericMutants]

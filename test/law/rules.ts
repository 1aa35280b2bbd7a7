/** What each equation of a step reads: SPEC.md's table [pr-reads], for one configuration. Of src it knows the type of a configuration. */

import type { Config } from '../../src/ptncn/config.js'
import { readsByTable, readsTable } from '../support/reads.js'

export interface Rule {
  /** the name of the result in a trace, such as 'C1.e_0^2' [pr-trace] */
  readonly id: string
  /** without level and pass, such as 'C1.e' */
  readonly result: string
  /** l of layer or level */
  readonly level: number
  /** 0 outside the settling */
  readonly pass: number
  /** the names that the equation reads */
  readonly reads: ReadonlySet<string>
}

/** A name of a trace taken apart; undefined where it has no level. */
export const partsOf = (id: string): Omit<Rule, 'id' | 'reads'> | undefined => {
  const [, result, level, pass = '0'] = /^(\w+\.\w+)_(\d+)(?:\^(\d+))?$/.exec(id) ?? []
  return result === undefined ? undefined : { result, level: Number(level), pass: Number(pass) }
}

const TABLE = readsTable()
const LEARNING_STEP = { learns: true, scored: true, summed: false, ends: false }

/** Every rule of one step of a configuration, A1 to L6. */
export const rulesOf = (config: Config): readonly Rule[] => {
  const known = new Set(config.units.slice(1).flatMap((_, i) => namesOfLayer(config, i + 1)))
  return [...readsByTable(TABLE, config, LEARNING_STEP)].flatMap(([id, { reads }]) =>
    known.has(id) ? [{ id, reads, ...partsOf(id)! }] : [],
  )
}

/** The results that layer l has. */
const namesOfLayer = (config: Config, l: number): readonly string[] => [
  ...[`A1.a_${l}`, `A2.z_${l}`, `C4.d_${l}`, `L1.dW_${l}`, `L2.dE_${l}`, `L3.dM_${l}`, `L4.dV_${l}`],
  ...Array.from({ length: config.passes }, (_, i) => i + 1).flatMap((k) => [
    ...[`P1.logits_${l - 1}^${k}`, `P1.p_${l - 1}^${k}`, `C1.e_${l - 1}^${k}`],
    ...[`C2.h_${l}^${k}`, `C3.a_${l}^${k}`, `C3.z_${l}^${k}`],
  ]),
  ...(l < config.units.length - 1 ? [`L5.dU_${l}`] : []),
  ...(config.biases ? [`L6.db_${l}`, `L6.dc_${l - 1}`] : []),
]

/** Only stochastic units read t and the key of the sequence; the table says so in its heading. */
export const readsPlace = ({ result, level }: Rule, { activation, hiddenPrediction }: Config): boolean =>
  activation === 'stochastic' &&
  (result === 'A2.z' || result === 'C3.z' || (result === 'P1.p' && level > 0 && hiddenPrediction === 'activation'))

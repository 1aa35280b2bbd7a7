/** A configuration on its way to a worker: a function cannot go there, the seed of its table can. */

import type { Config } from '../ptncn/config.js'
import { randomTable } from './setup.js'

export interface Packed {
  readonly config: Config
  /** the seed of the table that is the activation */
  readonly table?: number
}

export const pack = (config: Config, seed: number): Packed =>
  typeof config.activation === 'function' ? { config: { ...config, activation: 'identity' }, table: seed } : { config }

export const unpack = ({ config, table }: Packed): Config =>
  table === undefined ? config : Object.freeze({ ...config, activation: randomTable(table) })

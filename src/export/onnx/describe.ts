/** What every model of a network has, and what none can have. */

import { mismatch } from '../../errors.js'
import type { Model } from '../../io/onnx/model.js'
import { layerCount, requireConfig, SPEC_VERSION, specOf, writtenFields, type Config } from '../../ptncn/config.js'
import { requireUnits } from './activate.js'

/** The rows of a batch are free. */
export const ROWS = 'B'

/** Layers times passes; a graph unrolls both. */
const MOST_SETTLED = 4096

/** @throws ConfigError for what a graph cannot say */
export const requireSayable = (config: Config): void => {
  requireConfig(config)
  requireUnits(config)
  const settled = layerCount(config) * config.passes
  if (settled > MOST_SETTLED) {
    throw mismatch('ConfigError', 'passes', `at most ${MOST_SETTLED} layers times passes in a graph`, settled)
  }
}

/** Who made the model, of what network, and which part of it. */
export const describe = (
  config: Config,
  part: string,
  about: string,
): Pick<Model, 'name' | 'about' | 'producer' | 'metadata'> => ({
  name: `ptncn ${part}`,
  about,
  producer: { name: 'ptncn', version: SPEC_VERSION },
  metadata: {
    spec: specOf(config),
    part,
    config: JSON.stringify(Object.fromEntries(writtenFields(config).map((field) => [field, config[field]]))),
  },
})

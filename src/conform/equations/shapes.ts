/** The shape of every tensor that an equation reads, by its name. [pr-trace] [wt-shapes] */

import { layerCount, type Config } from '../../ptncn/config.js'
import { weightLabel, weightShapes } from '../../ptncn/weights.js'

export type Shape = readonly [rows: number, cols: number]

/** Those of the weights by their labels; an update, a moment and a sum have that of their weight. */
const shapesOf = (config: Config): ReadonlyMap<string, Shape> =>
  new Map(
    Array.from({ length: layerCount(config) }, (_, i) => i + 1).flatMap((l) =>
      weightShapes(config, l).map(([name, rows, cols]) => [weightLabel(name, l), [rows, cols]] as const),
    ),
  )

const SIGNAL = /^(?:A1\.a|A2\.z|P1\.logits|P1\.p|C1\.e|C2\.h|C3\.a|C3\.z|C4\.d|[yzd])_(\d+)(?:\^\d+|\[t-1\])?$/
const OF_WEIGHT = /^(?:(?:L\d|O[12])\.d|O[345]\.|(?:O3\.)?(?:first|second)\.|(?:sq-update\.)?sum\.)?([WEMVUbc]_\d+)$/

/** Whether a tensor has the rows of the batch. */
export const isSignal = (name: string): boolean => name === 'm' || name === 'x' || name === 'x[t-1]' || SIGNAL.test(name)

/** For a batch of so many rows. */
export const shapeOf = (config: Config, name: string, rows: number): Shape => {
  if (name === 'm') return [rows, 1]
  const [, level] = SIGNAL.exec(name) ?? []
  if (isSignal(name)) return [rows, config.units[Number(level ?? 0)]!]
  const [, label] = OF_WEIGHT.exec(name) ?? []
  return (label !== undefined && shapesOf(config).get(label)) || [1, 1]
}

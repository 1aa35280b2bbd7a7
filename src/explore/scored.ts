/** How a step went, for the curve of a run. */

import type { Told } from '../explain/telling.js'

/** A point of the curve of a run. */
export interface Scored {
  readonly count: number
  readonly loss: number
  /** mean size of the error of each level; of a stretch that was learnt at once there is none */
  readonly errors: readonly number[]
  readonly odd: boolean
}

const meanSize = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + Math.abs(value), 0) / values.length

/** The score of a step that is done; nothing where it was not scored. */
export const scoreOf = ({
  told,
  count,
  odd,
}: {
  readonly told: Told
  readonly count: number
  readonly odd: boolean
}): Scored | undefined => {
  const score = told.rules.find(({ kind }) => kind === 'loss')
  if (!score) return undefined
  const active = Array.from(told.known.get('m')!.data).filter((m) => m === 1).length
  const errors = told.rules.filter(({ kind, pass }) => kind === 'predictionError' && pass === 1)
  return {
    count,
    loss: told.known.get(score.id)!.data[0]! / Math.max(1, active),
    errors: errors.map(({ id }) => meanSize(told.known.get(id)!.data)),
    odd,
  }
}

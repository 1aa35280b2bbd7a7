/** Weights of a kind cut: set to +0, with what the optimiser remembers of them. */

import type { Situation } from '../conform/scenario.js'
import { zeros } from '../numeric/matrix.js'

export const cut = (situation: Situation, letters: string): Situation => {
  const isCut = (name: string): boolean =>
    /^(?:first\.|second\.|sum\.)?[MVU]_\d+$/.test(name) && letters.includes(/([MVU])_/.exec(name)![1]!)
  const tensors = [...situation.tensors].map(
    ([name, value]) => [name, isCut(name) ? zeros(value.rows, value.cols) : value] as const,
  )
  return { ...situation, tensors: new Map(tensors) }
}

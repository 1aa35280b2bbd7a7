/** Which tensors stand on which level of the picture, and in what order. */

import type { View } from '../bench.js'

/** A place in the picture for a tensor. */
export interface Slot {
  /** `h`, `y[t-1]`: what it is called there */
  readonly key: string
  /** of the scale that it shares with others */
  readonly scale: string
  /** the names that it may have, the later ones of later passes */
  readonly names: readonly string[]
}

export interface Level {
  readonly level: number
  readonly units: number
  readonly slots: readonly Slot[]
}

const passes = (name: string, count: number): readonly string[] => Array.from({ length: count }, (_, k) => `${name}^${k + 1}`)

const slot = (key: string, scale: string, ...names: readonly string[]): Slot => ({ key, scale, names })

const inputSlots = (K: number, masked: boolean): readonly Slot[] => [
  slot('x[t-1]', 'x', 'x[t-1]'),
  slot('p', 'x', ...passes('P1.p_0', K)),
  slot('x', 'x', 'x'),
  ...(masked ? [slot('m', 'x', 'm')] : []),
  slot('e', 'e', ...passes('C1.e_0', K)),
]

const hiddenSlots = (l: number, top: boolean, K: number): readonly Slot[] => [
  slot('y[t-1]', 'z', `y_${l}[t-1]`),
  slot('a', 'a', `A1.a_${l}`),
  slot('z', 'z', `A2.z_${l}`),
  ...(top ? [] : [slot('p', 'p', ...passes(`P1.p_${l}`, K)), slot('e', 'e', ...passes(`C1.e_${l}`, K))]),
  slot('h', 'h', ...passes(`C2.h_${l}`, K)),
  slot('y', 'z', ...passes(`C3.z_${l}`, K)),
  slot('d', 'd', `C4.d_${l}`),
]

/** From the top down. */
export const levelsOf = ({ config, told }: Pick<View, 'config' | 'told'>): readonly Level[] => {
  // of a batch of one row there is nothing to mask
  const masked = told.known.get('m')!.rows > 1
  return config.units
    .map((units, level): Level => {
      const top = level === config.units.length - 1
      return { level, units, slots: level === 0 ? inputSlots(config.passes, masked) : hiddenSlots(level, top, config.passes) }
    })
    .reverse()
}

/** The names of all results that have come about by the phase that is shown. */
export const doneBy = ({ phases, cursor }: Pick<View, 'phases' | 'cursor'>): ReadonlySet<string> =>
  new Set(phases.slice(0, cursor + 1).flatMap(({ results }) => results))

/** The weights of a layer, and what has come of them: the latest that there is. */
export const weightNames = (
  letter: string,
  l: number,
): { readonly weight: readonly string[]; readonly update: readonly string[] } => {
  const label = `${letter}_${l}`
  const learning: Record<string, string> = { W: 'L1', E: 'L2', M: 'L3', V: 'L4', U: 'L5' }
  return {
    weight: [label, `O3.${label}`, `O5.${label}`, `O4.${label}`],
    update: [`${learning[letter]}.d${label}`, `O1.d${label}`, `O2.d${label}`],
  }
}

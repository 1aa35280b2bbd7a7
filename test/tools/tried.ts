/** What each field brought, of all trials that are kept: two that differ in this one alone, side by side. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG_FIELDS, profiles, type ProfileName } from '../../src/ptncn/config.js'
import { table, type Row } from '../bench/table.js'
import { median } from '../bench/statistics.js'
import { KEPT } from './kept.js'

/** How much of something there is, searched for wherever it matters: no hypothesis. */
const AMOUNTS = ['rate', 'beta', 'weightScale']

interface Trial {
  readonly group: string
  readonly task: string
  readonly label: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly validation: number
}

const trialsOf = (group: string): readonly Trial[] => {
  const { tried } = JSON.parse(readFileSync(join(KEPT, group, 'tables.json'), 'utf8')) as { tried: readonly Trial[] }
  return tried
    .filter(({ label, validation }) => label.startsWith('ptncn') && validation !== undefined)
    .map((one) => ({ ...one, group }))
}

/** All fields of a trial, those of its profile among them. */
const whole = ({ settings: { profile = 'released', ...given } }: Trial): Readonly<Record<string, unknown>> => ({
  ...profiles[profile as ProfileName],
  ...given,
})

/** What two trials have to share. */
const rest = (trial: Trial, field: string): string => {
  const fields = whole(trial)
  const { group, task, label } = trial
  return JSON.stringify([group, task, label, ...CONFIG_FIELDS.filter((one) => one !== field).map((one) => fields[one])])
}

/** By how many per cent the score is lower than where the field is as `released` has it. */
interface Gain {
  readonly percent: number
  readonly at: Trial
}

const gainsOf = (trials: readonly Trial[], field: keyof typeof profiles.released): ReadonlyMap<string, readonly Gain[]> => {
  const usual = profiles.released[field]
  const before = new Map(trials.filter((one) => whole(one)[field] === usual).map((one) => [rest(one, field), one.validation]))
  const gains = new Map<string, Gain[]>()
  for (const at of trials) {
    const [value, old] = [whole(at)[field], before.get(rest(at, field))]
    if (value === usual || old === undefined) continue
    const key = String(value)
    gains.set(key, [...(gains.get(key) ?? []), { percent: 100 * (1 - at.validation / old), at }])
  }
  return gains
}

const signed = (percent: number): string => `${percent > 0 ? '+' : ''}${percent.toFixed(1)}`

/** A row for each value of each field that was tried against that of `released`, all else equal. */
export const triedTable = (groups: readonly string[]): string => {
  const trials = groups.flatMap(trialsOf)
  const fields = CONFIG_FIELDS.filter(
    (field) => field !== 'units' && !AMOUNTS.includes(field),
  ) as (keyof typeof profiles.released)[]
  const rows = fields.flatMap((field) =>
    [...gainsOf(trials, field)].map(([value, gains]): Row => {
      const sorted = [...gains].sort((a, b) => a.percent - b.percent)
      const [worst, best] = [sorted[0]!, sorted.at(-1)!]
      const where = ({ at: { task, label, group } }: Gain): string => `${task}, ${label}, [${group}](#${group})`
      return [
        `${field} ${String(profiles.released[field])} -> ${value}`,
        String(profiles.online[field]) === value ? 'yes' : 'no',
        String(gains.length),
        ...[worst.percent, median(sorted.map(({ percent }) => percent)), best.percent].map(signed),
        where(best),
      ]
    }),
  )
  return table(['field', 'in `online`', 'pairs', 'worst', 'median', 'best', 'best of all'], rows)
}

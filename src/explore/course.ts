/** A run as its address tells it: what it begins with, the switches that were turned under way, and where it stands. */

import { fieldsOf, settled, setupFor, setupOf, UNDER_WAY, type Setup } from './setup.js'

/** Switches turned after so many steps. */
export interface Turn {
  readonly after: number
  readonly setup: Setup
}

/** What a run begins with, and what was switched under way. */
export interface Course {
  readonly first: Setup
  /** in their order */
  readonly turns: readonly Turn[]
}

/** Nothing is switched. */
export const courseOf = (first: Setup): Course => ({ first, turns: [] })

/** The setup of the step that comes after so many. */
export const inForce = ({ first, turns }: Course, count: number): Setup =>
  turns.filter(({ after }) => after <= count).at(-1)?.setup ?? first

/** A course in which the switches stand so from a step on; what was turned later is forgotten. */
export const turned = (course: Course, after: number, setup: Setup): Course => ({
  ...course,
  turns: [...course.turns.filter((turn) => turn.after < after), { after, setup }],
})

/** Letters of the weights that are cut at this step. */
export const cutAt = (course: Course, count: number): string => {
  const before = count === 0 ? '' : inForce(course, count - 1).lesion
  return [...inForce(course, count).lesion].filter((letter) => !before.includes(letter)).join('')
}

/** Where a run stands. */
export interface Standing {
  /** steps done */
  readonly at: number
  /** the name of the phase that was done last, or its equation; none is left to the page */
  readonly after?: string
  /** it goes on learning from there */
  readonly runs?: boolean
}

const SEPARATOR = '_'

const numberIn = (text: string | null): number =>
  Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.floor(Number(text ?? 0) || 0)))

/** `6000_learn_no_lesion_V`: what is otherwise from then on. */
const turnText = ({ after, setup }: Turn, before: Setup): string =>
  [String(after), ...Object.entries(fieldsOf(setup, before)).flat()].join(SEPARATOR)

const turnOf = (text: string, before: Setup): Turn => {
  const [after, ...words] = text.split(SEPARATOR)
  const pairs = words.flatMap((name, i) => (i % 2 === 0 && UNDER_WAY.includes(name) ? [[name, words[i + 1] ?? '']] : []))
  return { after: numberIn(after!), setup: settled(before, Object.fromEntries(pairs) as Record<string, string>) }
}

/** The address of a run. */
export const addressOf = ({ first, turns }: Course, { at, after, runs }: Partial<Standing> = {}): string => {
  const befores = [first, ...turns.map(({ setup }) => setup)]
  const fields = [
    ...Object.entries({ do: first.do, ...fieldsOf(first) }),
    ...turns.map((turn, i) => ['then', turnText(turn, befores[i]!)]),
    ...(at === undefined ? [] : [['at', String(at)]]),
    ...(after === undefined ? [] : [['after', after]]),
    ...(runs ? [['run', 'yes']] : []),
  ]
  return `#${new URLSearchParams(fields as [string, string][]).toString()}`
}

/** A run to be opened. */
export interface Opening extends Standing {
  readonly course: Course
}

/** The run that an address names; undefined where it names a place in the text instead. */
export const openingOf = (hash: string): Opening | undefined => {
  const first = setupOf(hash)
  if (!first) return undefined
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  let course = courseOf(first)
  for (const text of fields.getAll('then')) {
    const turn = turnOf(text, course.turns.at(-1)?.setup ?? first)
    if (turn.after >= (course.turns.at(-1)?.after ?? 0)) course = turned(course, turn.after, turn.setup)
  }
  const after = fields.get('after')
  const standing = { at: numberIn(fields.get('at')), ...(after !== null && { after }) }
  return { course, ...standing, runs: fields.get('run') === 'yes' }
}

/** The address of an experiment with a seed. */
export const experimentAddress = (name: string, seed: number): string =>
  `#${new URLSearchParams({ experiment: name, seed: String(seed) }).toString()}`

/** The experiment that an address names, if one. */
export const experimentOf = (hash: string): { readonly name: string; readonly seed: number } | undefined => {
  const fields = new URLSearchParams(hash.replace(/^#/, ''))
  const name = fields.get('experiment')
  return name === null ? undefined : { name, seed: settled(setupFor('example'), { seed: fields.get('seed') ?? '' }).seed }
}

/** A grid: which methods meet on which tasks, with what settings tried, and on what seeds. All of it is data. */

import { mismatch, PtncnError } from '../../errors.js'
import { oneOf, requireField, whole, type Field, type Fields } from '../../fields.js'
import { requireRecord } from '../../io/json.js'
import { settingsOf } from '../settings.js'
import { isCorpusTask, TASK_KINDS, type TaskName, type TaskOptions } from '../tasks.js'
import { methodOf, requireSettings, type Settings } from './methods.js'

/** Equal numbers of units, or of weights: as many units as bring a method's weights nearest to those of P-TNCN. */
export const SIZES = ['units', 'weights'] as const
export type Size = (typeof SIZES)[number]

export interface GridTask {
  readonly label: string
  readonly options: TaskOptions
  /** tasks that follow it, each with the same options, for as many sequences: what is scored then is what is left of all */
  readonly then: readonly TaskName[]
  readonly sequences: number
  /** of a search */
  readonly searchSequences: number
}

export interface Contender {
  readonly method: string
  readonly variant: string
  readonly sizes: readonly Size[]
  /** labels */
  readonly tasks: readonly string[]
  /** the settings that are tried, complete */
  readonly trials: readonly Settings[]
}

export interface Grid {
  readonly units: number
  readonly tasks: readonly GridTask[]
  readonly searchSeeds: readonly number[]
  readonly finalSeeds: readonly number[]
  readonly contenders: readonly Contender[]
}

/** What is trained with the same settings, tried on some seeds and then fixed for others. */
export interface Group {
  readonly task: GridTask
  readonly contender: Contender
  readonly size: Size
}

/** One training, with its scores. Its name says all that tells it from the others. */
export interface Cell extends Group {
  readonly name: string
  readonly stage: 'search' | 'final'
  readonly seed: number
  /** of the search; a final cell has the settings that came out best */
  readonly trial?: number
}

const MOST_CELLS = 100_000
const LABEL = /^[a-z0-9][a-z0-9-]{0,39}$/

const wrong = (what: string, expected: string, got: unknown, remedy = ''): PtncnError =>
  mismatch('FileError', what, expected, got, remedy)

/** The place of the first text that was there before, or -1. */
const twiceIn = (texts: readonly string[]): number => texts.findIndex((text, i) => texts.indexOf(text) < i)

/** Fields with these names and no others; those with `?` may be left out. */
const fieldsOf = (what: string, value: unknown, names: readonly string[]): Fields => {
  const record = requireRecord(what, value)
  const known = names.map((name) => name.replace('?', ''))
  const unknown = Object.keys(record).find((name) => !known.includes(name))
  if (unknown !== undefined) throw wrong(what, `the fields ${known.join(', ')}`, unknown)
  const absent = names.find((name) => !name.endsWith('?') && !Object.hasOwn(record, name))
  if (absent !== undefined) throw wrong(what, `a field ${absent}`, 'none')
  return record
}

const list = <Item>(what: string, value: unknown, item: (what: string, value: unknown) => Item): readonly Item[] => {
  if (!Array.isArray(value) || value.length === 0) throw wrong(what, 'a list with something in it', value)
  const items = value.map((one, i) => item(`${what}[${i}]`, one))
  const twice = twiceIn(items.map((one) => JSON.stringify(one)))
  if (twice >= 0) throw wrong(`${what}[${twice}]`, 'something that is not in the list before', value[twice])
  return items
}

/** One that must be of a kind. */
const of =
  <Value>(field: Field<Value>) =>
  (what: string, value: unknown): Value =>
    requireField('FileError', what, value, field)

const SEED = of(whole(0, Number.MAX_SAFE_INTEGER))
const SEQUENCES = of(whole(1, 1e9))

/** What a check inside complains of, with the place in the grid. */
const at = <Value>(what: string, check: () => Value): Value => {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    throw new PtncnError('FileError', `${what}: ${error.message}`, error.value)
  }
}

const TASK_FIELDS = [
  'task',
  'then?',
  'data?',
  'sequences',
  'searchSequences?',
  'scored?',
  'side?',
  'frames?',
  'batch?',
  'batching?',
  'length?',
]

/** Data that a task names itself go before those that are named for all. */
const taskOf = (label: string, value: unknown, dataOfAll: string | undefined): GridTask => {
  const what = `tasks.${label}`
  if (!LABEL.test(label)) throw wrong('tasks', 'names of small letters, digits and dashes', label)
  const { sequences, searchSequences, scored, then, ...given } = fieldsOf(what, value, TASK_FIELDS)
  const { task, side, frames, batch, batching, length, data = dataOfAll } = at(what, () => settingsOf(given))
  if (isCorpusTask(task) && data === undefined)
    throw wrong(what, `the data of ${task}`, 'none', 'give them as --data, or as data of the task')
  if (!isCorpusTask(task) && scored !== undefined)
    throw wrong(`${what}.scored`, `none, as ${task} is made as it is needed`, scored)
  const trained = SEQUENCES(`${what}.sequences`, sequences)
  return {
    label,
    then: then === undefined ? [] : list(`${what}.then`, then, of(TASK_KINDS.task)),
    sequences: trained,
    searchSequences: searchSequences === undefined ? trained : SEQUENCES(`${what}.searchSequences`, searchSequences),
    options: {
      task,
      side,
      frames,
      batch,
      batching,
      length,
      ...(scored !== undefined && { scored: SEQUENCES(`${what}.scored`, scored) }),
      ...(data !== undefined && task !== 'reber' && { data }),
    },
  }
}

const contenderOf =
  (tasks: readonly GridTask[]) =>
  (what: string, value: unknown): Contender => {
    const given = fieldsOf(what, value, ['method', 'variant?', 'settings?', 'search', 'tasks?', 'sizes?'])
    const method = at(what, () => methodOf(given['method']))
    const settings = requireRecord(`${what}.settings`, given['settings'] ?? {})
    const labels = tasks.map(({ label }) => label)
    return {
      method: given['method'] as string,
      variant: of(oneOf(...method.variants))(`${what}.variant`, given['variant'] ?? method.variants[0]),
      sizes: given['sizes'] === undefined ? ['units'] : list(`${what}.sizes`, given['sizes'], of(oneOf(...SIZES))),
      tasks: given['tasks'] === undefined ? labels : list(`${what}.tasks`, given['tasks'], of(oneOf(...labels))),
      trials: list(`${what}.search`, given['search'], (where, trial) =>
        at(where, () => requireSettings(method, { ...settings, ...requireRecord(where, trial) })),
      ),
    }
  }

/** The description without the tasks that need data of the user's, and the labels of these. */
export const withoutCorpora = (description: Fields): { readonly description: Fields; readonly left: readonly string[] } => {
  const tasks = Object.entries(requireRecord('tasks', description['tasks']))
  const isLeft = ([, task]: readonly [string, unknown]): boolean =>
    isCorpusTask((task as { readonly task: TaskOptions['task'] }).task)
  const left = tasks.filter(isLeft).map(([label]) => label)
  const contenders = (description['contenders'] as readonly { readonly tasks?: readonly string[] }[]).flatMap((one) => {
    const kept = one.tasks?.filter((task) => !left.includes(task))
    return kept?.length === 0 ? [] : [{ ...one, ...(kept && { tasks: kept }) }]
  })
  return { description: { ...description, tasks: Object.fromEntries(tasks.filter((entry) => !isLeft(entry))), contenders }, left }
}

/** Each once on a task, and as much tried of one as of another. */
const requireFair = (contenders: readonly Contender[]): void => {
  const trials = contenders.map((contender) => contender.trials.length)
  const unfair = trials.findIndex((count) => count !== trials[0])
  if (unfair >= 0) throw wrong(`contenders[${unfair}].search`, `${trials[0]} settings, as many as the others`, trials[unfair])
  const names = contenders.flatMap(({ method, variant, tasks }, i) =>
    tasks.map((task) => ({ i, name: `${method} ${variant} on ${task}` })),
  )
  const twice = names[twiceIn(names.map(({ name }) => name))]
  if (twice) throw wrong(`contenders[${twice.i}]`, 'a method and variant once on each task', twice.name)
}

/** The grid that JSON says; `data` is the user's folder. @throws FileError that names the field */
export const gridOf = (value: unknown, data?: string): Grid => {
  const given = fieldsOf('grid', value, ['about?', 'units', 'tasks', 'searchSeeds', 'finalSeeds', 'contenders'])
  const tasks = Object.entries(requireRecord('tasks', given['tasks'])).map(([label, task]) => taskOf(label, task, data))
  const contenders = list('contenders', given['contenders'], contenderOf(tasks))
  requireFair(contenders)
  const grid: Grid = {
    units: of(whole(1, 2 ** 16))('units', given['units']),
    tasks,
    contenders,
    searchSeeds: list('searchSeeds', given['searchSeeds'], SEED),
    finalSeeds: list('finalSeeds', given['finalSeeds'], SEED),
  }
  const both = grid.finalSeeds.find((one) => grid.searchSeeds.includes(one))
  if (both !== undefined) throw wrong('finalSeeds', 'none of the seeds of the search', both)
  const count = groupsOf(grid).length * (contenders[0]!.trials.length * grid.searchSeeds.length + grid.finalSeeds.length)
  if (count < 1 || count > MOST_CELLS) throw wrong('grid', `1 to ${MOST_CELLS} cells`, count)
  return grid
}

/** Everything for one task, then for the next. */
export const groupsOf = ({ tasks, contenders }: Grid): readonly Group[] =>
  SIZES.flatMap((size) =>
    tasks.flatMap((task) =>
      contenders
        .filter((contender) => contender.sizes.includes(size) && contender.tasks.includes(task.label))
        .map((contender) => ({ task, contender, size })),
    ),
  )

/** `reber/bptt/tanh`, or with the number of weights made equal `reber/bptt/tanh-weights`. */
export const groupName = ({ task, contender, size }: Group): string =>
  `${task.label}/${contender.method}/${contender.variant}${size === 'units' ? '' : '-weights'}`

/** Trial after trial; of one trial nothing can be chosen, so that nothing is tried. */
export const searchCells = ({ searchSeeds }: Grid, group: Group): readonly Cell[] =>
  group.contender.trials.length === 1
    ? []
    : group.contender.trials.flatMap((_, trial) =>
        searchSeeds.map((seed): Cell => ({
          ...group,
          stage: 'search',
          seed,
          trial,
          name: `search/${groupName(group)}/trial-${trial + 1}-seed-${seed}`,
        })),
      )

export const finalCells = ({ finalSeeds }: Grid, group: Group): readonly Cell[] =>
  finalSeeds.map((seed): Cell => ({ ...group, stage: 'final', seed, name: `final/${groupName(group)}/seed-${seed}` }))

/** In the order in which they are run. */
export const cellsOf = (grid: Grid): readonly Cell[] => {
  const groups = groupsOf(grid)
  return [...groups.flatMap((group) => searchCells(grid, group)), ...groups.flatMap((group) => finalCells(grid, group))]
}

/** A trained network, with the task that it was trained on or another one that the options name. */

import { PtncnError } from '../errors.js'
import type { Task } from '../data/task.js'
import { openTrained, type Trained } from '../experiment/run/folder.js'
import { requireSameData } from '../experiment/run/trained-on.js'
import { settingsOf, type RunSettings } from '../experiment/settings.js'
import { openTask, requireRead } from '../experiment/tasks.js'
import { asValue, type Given } from './arguments.js'

/** Options of a task that go before those of the run. */
export const TASK_OPTIONS = {
  task: 'value',
  data: 'value',
  side: 'value',
  frames: 'value',
  batch: 'value',
  batching: 'value',
  length: 'value',
} as const

export interface Opened extends Trained {
  readonly task: Task
  readonly settings: RunSettings
}

/**
 * `data` may be `embedded`: such as come with the package, whatever the run was trained on.
 * @throws FileError, UsageError where the network does not fit the task
 */
export const openWithTask = async (path: string, given: Given, data: 'own' | 'embedded' = 'own'): Promise<Opened> => {
  const trained = await openTrained(path)
  const own = Object.fromEntries(
    Object.keys(TASK_OPTIONS)
      .filter((name) => given[name] !== undefined)
      .map((name) => [name, name === 'data' ? given[name] : asValue(given[name])]),
  )
  const wanted = taskSettings(trained, own)
  requireRead(wanted.task, own)
  const { data: _, ...without } = wanted
  const settings: RunSettings = data === 'own' ? wanted : without
  const ours = trained.data !== undefined && settings.task === trained.settings?.task
  // other data that are named are other data on purpose, read as the symbols that the network knows
  const others = own['data'] !== undefined
  const task = openTask(settings, ours && others ? trained.data : {})
  if (ours && data === 'own' && !others) requireSameData(trained.data, task)
  const {
    units: [n0],
    output,
  } = trained.config
  if (task.inputs === n0 && task.output === output) return { ...trained, task, settings }
  const fits = (inputs: number | undefined, kind: string): string => `${inputs} inputs and ${kind} outputs`
  throw new PtncnError(
    'UsageError',
    `"${path}" expected a network of ${fits(task.inputs, task.output)} for ${task.name}, got one of ${fits(n0, output)}; give another --task`,
    path,
  )
}

/** Of another task no data are known but those that are named with it. */
const taskSettings = ({ settings }: Trained, own: Readonly<Record<string, unknown>>): RunSettings => {
  if (!settings) return settingsOf(own)
  const { task, data, side, frames, batch, batching, length } = settings
  const other = own['task'] !== undefined && own['task'] !== task
  return settingsOf({
    task,
    ...(!other && data !== undefined && { data }),
    side,
    frames,
    batch,
    ...(!other && { batching }),
    length,
    ...own,
  })
}

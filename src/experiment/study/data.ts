/** The data of a study, in its folder: a file for each task, so that all processes that have a part in it see the same. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exactly, requireField } from '../../fields.js'
import type { Task } from '../../data/task.js'
import { ensureFolder, oneLine } from '../../io/files.js'
import { readConfig, writeJson } from '../run/folder.js'
import { readTrainedOn, requireSameData, trainedOn } from '../run/trained-on.js'
import { openTask, type TaskOptions } from '../tasks.js'

const DATA_FORMAT = 'ptncn-data'

const pathOf = (folder: string, name: string): string => join(folder, 'data', `${name}.json`)

/** @throws FileError that names the first file which does not hold what it held when the study began, with both digests */
export const requireKept = async (folder: string, name: string, task: Task): Promise<void> => {
  const path = pathOf(folder, name)
  if (!task.data || !existsSync(path)) return
  const before = await readConfig(path)
  requireField('FileError', `${oneLine(path)}: format`, before['format'], exactly(DATA_FORMAT))
  requireSameData(readTrainedOn(oneLine(path), before), task, 'give another --out')
}

/** Keeps what the files of a task are known by, where the folder does not have it. */
export const keepData = async (folder: string, name: string, task: Task): Promise<void> => {
  if (!task.data || existsSync(pathOf(folder, name))) return
  await writeJson(ensureFolder(join(folder, 'data')), `${name}.json`, { format: DATA_FORMAT, ...trainedOn(task) })
}

/** Opens what a cell needs; `name` tells the tasks of a study from each other. */
export type Open = (name: string, options: TaskOptions) => Promise<Task>

/** Digits, and letters on the same paths. */
const MOST_OPEN = 2

/** The tasks of a study, opened once for all cells on them, with the data that it began with. */
export const studyTasks = (folder: string): Open => {
  const opened: (readonly [name: string, task: Task])[] = []
  return async (name, options) => {
    const before = opened.find(([one]) => one === name)
    if (before) return before[1]
    const task = openTask(options)
    await requireKept(folder, name, task)
    await keepData(folder, name, task)
    if (opened.length === MOST_OPEN) opened.shift()
    opened.push([name, task])
    return task
  }
}

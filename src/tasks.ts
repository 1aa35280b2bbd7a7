/** `ptncn/tasks`: what networks are trained and scored on. */

export { settingsOf, type RunSettings } from './experiment/settings.js'
export { openTask, TASK_NAMES, type TaskName, type TaskOptions } from './experiment/tasks.js'
export type { Frame, Mark, Part, Scaling, Task, Unit } from './data/task.js'

/** `ptncn eval`: the scores of a trained network whose weights stay as they are. */

import { oneOf, requireField } from '../fields.js'
import { inUnit, type Part } from '../data/task.js'
import { parallelEngine } from '../engine/fast/parallel.js'
import { scoreOn } from '../experiment/train.js'
import { scoreLine } from '../experiment/run/summary.js'
import { withoutCorrection } from '../experiment/settings.js'
import { parseArguments, required, workerCount } from './arguments.js'
import { complain, print, printJson } from './process.js'
import { openWithTask, TASK_OPTIONS } from './trained.js'

const HELP = `ptncn eval RUN: scores a trained network, its weights frozen. RUN is the folder of a run, or a checkpoint.

  --part NAME      test or validation (test)
  --adapt on|off   the correction phase: whether states adapt to what was not predicted (on)
  --task NAME      another task than it was trained on, with --data, --side, --frames, --batch, --batching, --length
  --workers N      threads (auto)
  --json           one JSON object, for machines

Examples
  ptncn eval runs/bouncing-mnist-seed-1
  ptncn eval runs/bouncing-mnist-seed-1 --task bouncing-notmnist --adapt off
`

const OPTIONS = { ...TASK_OPTIONS, part: 'value', adapt: 'value', workers: 'value', json: 'flag' } as const

export const runEval = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('eval', args, OPTIONS, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const path = required(parsed, 'the folder of a run', 'eval')
  const part = requireField('UsageError', '--part', given['part'] ?? 'test', oneOf<Part>('test', 'validation'))
  const adapt = requireField('UsageError', '--adapt', given['adapt'] ?? 'on', oneOf('on', 'off'))
  const workers = workerCount(given['workers'])
  const { config, snapshot, task } = await openWithTask(path, given)
  const engine = parallelEngine(adapt === 'on' ? config : withoutCorrection(config), { workers, onSlow: complain })
  try {
    const { loss, count, correct } = await scoreOn(engine, snapshot, task.held(part))
    const result = {
      task: task.name,
      title: task.title,
      part,
      adapt,
      unit: task.unit,
      score: inUnit(task.unit, loss, count),
      count,
      ...(correct !== undefined && { accuracy: correct / count }),
      marks: task.marks(part),
    }
    if (given['json']) return printJson(result)
    const lines = [{ label: `P-TNCN, correction ${adapt}`, value: result.score }, ...result.marks]
    return print(
      [
        `${task.title}, ${part} data, ${task.unit}:`,
        ...lines.map(({ label, value }) => scoreLine(task.unit, label, value)),
        ...(result.accuracy === undefined
          ? []
          : [`  right symbols          ${(100 * result.accuracy).toFixed(1).padStart(8)} %`]),
        '',
      ].join('\n'),
    )
  } finally {
    await engine.dispose()
  }
}

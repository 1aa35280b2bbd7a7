/** `ptncn eval`: the scores of a trained network whose weights stay as they are. */

import { mismatch } from '../errors.js'
import { oneOf, requireField } from '../fields.js'
import { inUnit, type Part } from '../data/task.js'
import { parallelEngine } from '../engine/fast/parallel.js'
import { scoreOn } from '../experiment/train.js'
import { scoreLine } from '../experiment/run/summary.js'
import { withoutCorrection } from '../experiment/settings.js'
import { config as complete, type Config } from '../ptncn/config.js'
import { asValue, parseArguments, required, workerCount, type Given } from './arguments.js'
import { complain, print, printJson } from './process.js'
import { openWithTask, TASK_OPTIONS } from './trained.js'

const HELP = `ptncn eval RUN: scores a trained network, its weights frozen. RUN is the folder of a run, or a checkpoint.

  --part NAME      test or validation (test)
  --adapt on|off   the correction phase: whether states adapt to what was not predicted (on)
  --beta X         another size of the correction than it was trained with, and
  --passes K       another number of passes
  --task NAME      another task than it was trained on, with --data, --side, --frames, --batch, --batching, --length
  --workers N      threads (auto)
  --json           one JSON object, for machines

Examples
  ptncn eval runs/bouncing-mnist-seed-1
  ptncn eval runs/bouncing-mnist-seed-1 --task bouncing-notmnist --adapt off
  ptncn eval runs/bouncing-mnist-seed-1 --beta 0.3 --passes 2
`

const OPTIONS = {
  ...TASK_OPTIONS,
  part: 'value',
  adapt: 'value',
  beta: 'value',
  passes: 'value',
  workers: 'value',
  json: 'flag',
} as const

/** The configuration with the correction that was asked for. @throws UsageError, ConfigError for one that is not allowed */
const settlingOf = (config: Config, given: Given): Config => {
  const asked = (['beta', 'passes'] as const).filter((name) => given[name] !== undefined)
  if (asked.length === 0) return config
  if (given['adapt'] === 'off') throw mismatch('UsageError', `--${asked[0]}`, 'no --adapt off beside it', given[asked[0]!])
  return complete({ ...config, ...Object.fromEntries(asked.map((name) => [name, asValue(given[name])])) })
}

const told = (trained: Config, { beta, passes }: Config): string =>
  trained.beta === beta && trained.passes === passes ? '' : `, beta ${Number(beta.toPrecision(6))}, passes ${passes}`

export const runEval = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('eval', args, OPTIONS, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const path = required(parsed, 'the folder of a run', 'eval')
  const part = requireField('UsageError', '--part', given['part'] ?? 'test', oneOf<Part>('test', 'validation'))
  const adapt = requireField('UsageError', '--adapt', given['adapt'] ?? 'on', oneOf('on', 'off'))
  const workers = workerCount(given['workers'])
  const { config, snapshot, task } = await openWithTask(path, given)
  const settling = settlingOf(config, given)
  const engine = parallelEngine(adapt === 'on' ? settling : withoutCorrection(config), { workers, onSlow: complain })
  try {
    const { loss, count, correct } = await scoreOn(engine, snapshot, task.held(part))
    const result = {
      task: task.name,
      title: task.title,
      part,
      adapt,
      ...(adapt === 'on' && { beta: settling.beta, passes: settling.passes }),
      unit: task.unit,
      score: inUnit(task.unit, loss, count),
      count,
      ...(correct !== undefined && { accuracy: correct / count }),
      marks: task.marks(part),
    }
    if (given['json']) return printJson(result)
    const lines = [{ label: `P-TNCN, correction ${adapt}${told(config, settling)}`, value: result.score }, ...result.marks]
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

/** `ptncn info`: what a checkpoint or a run's folder holds. */

import { layerCount } from '../ptncn/config.js'
import { weightShapes } from '../ptncn/weights.js'
import { effectiveOptions, openTrained } from '../experiment/run-folder.js'
import { networkName } from '../experiment/results.js'
import { parseArguments, required } from './arguments.js'
import { print, printJson } from './process.js'

const HELP = `ptncn info FILE: says what a checkpoint holds. FILE is a .safetensors file or the folder of a run.

  --json           one JSON object, for machines

Example
  ptncn info runs/bouncing-mnist-seed-1
`

export const runInfo = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('info', args, { json: 'flag' }, 1)
  if (parsed.given['help']) return print(HELP)
  const path = required(parsed, 'a checkpoint or the folder of a run', 'info')
  const { config, snapshot, settings, standing } = await openTrained(path)
  const tensors = Array.from({ length: layerCount(config) }, (_, i) =>
    weightShapes(config, i + 1).map(([name, rows, cols]) => ({ name: `${name}_${name === 'c' ? i : i + 1}`, rows, cols }))).flat()
  const weights = tensors.reduce((sum, { rows, cols }) => sum + rows * cols, 0)
  const last = standing?.curve.at(-1)
  const options = settings && effectiveOptions(settings, config)
  if (parsed.given['json']) {
    return printJson({ config, weights, tensors, openSequence: snapshot.state !== undefined, ...(options && { options }), ...(last && { last, batches: standing!.batches }) })
  }
  return print([
    `${path}: ${networkName(config)}, ${config.units[0]} inputs, ${weights.toLocaleString('en-US')} weights`,
    ...(settings ? [`trained on ${settings.task}, seed ${settings.seed}`] : []),
    ...(last ? [`stands after ${standing!.batches} batches; validation ${last.validation.toPrecision(5)} after ${last.sequences} sequences`] : []),
    ...(snapshot.state ? [`an open sequence, at step ${snapshot.state.t}`] : []),
    '',
    ...tensors.map(({ name, rows, cols }) => `  ${name.padEnd(5)} ${rows} x ${cols}`),
    '',
    ...Object.entries(config).map(([field, value]) => `  ${field.padEnd(17)} ${Array.isArray(value) ? value.join(', ') : String(value)}`),
    '',
  ].join('\n'))
}

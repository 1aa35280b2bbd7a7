/** `ptncn export`: a network in the files of others: its step as a graph, its weights alone. */

import { mismatch } from '../errors.js'
import { oneOf, requireField, requireOnly } from '../fields.js'
import { stepModel, type GraphOptions, type Part } from '../export/onnx/step.js'
import { openTrained, readConfig } from '../experiment/run/folder.js'
import { writeFileSafely } from '../io/files.js'
import { encodeModel, OPSET, type Model } from '../io/onnx/model.js'
import { config as complete, CONFIG_FIELDS, profiles, type Config, type ProfileName } from '../ptncn/config.js'
import type { Weights } from '../ptncn/weights.js'
import { parseArguments, type Given } from './arguments.js'
import { print, printJson } from './process.js'

const HELP = `ptncn export onnx RUN|--config FILE --out FILE: the step of a network as an ONNX model, which every runtime runs, and which
trains there: its inputs are x, the mask m, the step t, the state, the weights and the optimiser's state; its outputs the
prediction p, the scores, and all of these after the step, as next.NAME. RUN is the folder of a run, or a checkpoint; FILE is a
JSON record of fields of SPEC.md's configuration, its units with those of the input. The batch, B, is free.

  --out FILE       where the model goes
  --infer          the step without learning; of a RUN, the weights stand in the model
  --end            with update = sequence: what moves the weights at the end of a sequence, by the sum of its updates
  --trace          the result of each equation is an output too, under its name in SPEC.md's traces
  --profile NAME   what --config goes over (released)
  --json           one JSON object, for machines

Examples
  ptncn export onnx runs/bouncing-mnist-seed-1 --out step.onnx
  ptncn export onnx runs/bouncing-mnist-seed-1 --infer --out predict.onnx
  ptncn export onnx --config network.json --trace --out step.onnx
`

const OPTIONS = {
  out: 'value',
  config: 'value',
  profile: 'value',
  infer: 'flag',
  end: 'flag',
  trace: 'flag',
  json: 'flag',
} as const

interface Source {
  readonly config: Config
  readonly weights?: Weights
}

/** The network that the arguments mean. @throws UsageError, FileError, ConfigError */
const sourceOf = async (run: string | undefined, given: Given): Promise<Source> => {
  if ((run === undefined) === (given['config'] === undefined)) {
    const remedy = 'see ptncn export --help'
    throw mismatch('UsageError', 'network', 'a RUN or --config FILE', run === undefined ? 'neither' : 'both', remedy)
  }
  if (run === undefined) return { config: await configIn(String(given['config']), given['profile']) }
  if (given['profile'] !== undefined) throw mismatch('UsageError', '--profile', 'none beside a run', given['profile'])
  const { config, snapshot } = await openTrained(run)
  return { config, weights: snapshot.weights }
}

/** @throws FileError, ConfigError */
const configIn = async (path: string, profile: unknown = 'released'): Promise<Config> => {
  const name = requireField('UsageError', '--profile', profile, oneOf(...(Object.keys(profiles) as ProfileName[])))
  const fields = await readConfig(path)
  if (fields['task'] !== undefined) {
    throw mismatch('FileError', path, 'fields of a network alone', 'those of a run', 'give the folder of the run in its place')
  }
  requireOnly('ConfigError', 'the configuration', fields, CONFIG_FIELDS)
  return complete(fields as unknown as Config, name)
}

const partOf = (given: Given): Part => {
  if (given['infer'] && given['end']) throw mismatch('UsageError', '--end', 'no --infer beside it', 'both')
  return given['infer'] ? 'infer' : given['end'] ? 'end' : 'learn'
}

/** @throws UsageError */
export const outOf = (given: Given, command: string): string => {
  const { out } = given
  if (typeof out === 'string' && out !== '') return out
  throw mismatch('UsageError', '--out', 'the name of a file', out, `see ptncn ${command} --help`)
}

const toldOf = ({ nodes, inputs, outputs }: Model, size: number, out: string): string =>
  `${out}: ONNX, opset ${OPSET}, ${nodes.length} operators, ${inputs.length} inputs, ${outputs.length} outputs, ${size} bytes\n`

const exportOnnx = async (run: string | undefined, given: Given): Promise<number> => {
  const out = outOf(given, 'export')
  const { config, weights } = await sourceOf(run, given)
  const part = partOf(given)
  const options: GraphOptions = { part, traced: given['trace'] === true, ...(part === 'infer' && weights && { weights }) }
  const model = stepModel(config, options)
  const bytes = encodeModel(model)
  await writeFileSafely(out, bytes)
  if (!given['json']) return print(toldOf(model, bytes.length, out))
  const { nodes, inputs, outputs } = model
  return printJson({ out, part, opset: OPSET, bytes: bytes.length, operators: nodes.length, inputs, outputs })
}

const FORMATS = oneOf('onnx')

/** `ptncn export FORMAT ...`. */
export const runExport = async (args: readonly string[]): Promise<number> => {
  const { given, positionals } = parseArguments('export', args, OPTIONS, 2)
  if (given['help']) return print(HELP)
  requireField('UsageError', 'format', positionals[0], FORMATS)
  return exportOnnx(positionals[1], given)
}

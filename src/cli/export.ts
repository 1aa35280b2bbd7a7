/** `ptncn export`: a network in the files of others: its step as a graph, its weights alone. */

import { mismatch } from '../errors.js'
import { oneOf, requireField } from '../fields.js'
import { loopModel } from '../export/onnx/loop.js'
import { startModel } from '../export/onnx/start.js'
import { stepModel, type GraphOptions, type Part } from '../export/onnx/step.js'
import { encodeTorch } from '../export/torch.js'
import { openTrained } from '../experiment/run/folder.js'
import { writeFileSafely } from '../io/files.js'
import { encodeModel, OPSET, type Model } from '../io/onnx/model.js'
import { keyOf } from '../numeric/random.js'
import { initialModel, type Model as Network } from '../ptncn/apply.js'
import type { Config } from '../ptncn/config.js'
import { parseArguments, wholeNumber, type Given } from './arguments.js'
import { configIn, outOf } from './network-file.js'
import { print, printJson } from './process.js'

const HELP = `ptncn export onnx RUN|--config FILE --out FILE: the step of a network as an ONNX model (opset ${OPSET}), which every runtime runs,
and which trains there: its inputs are x, the mask m, the step t, the state, the weights and the optimiser's state; its outputs
the prediction p, the scores, and all of these after the step, as next.NAME. RUN is the folder of a run, or a checkpoint; FILE
is a JSON record of fields of SPEC.md's configuration, its units with those of the input. The batch, B, is free.
ptncn export safetensors RUN --out FILE: the weights alone, under the names of a PyTorch module: layers.0.W.weight for W_1, which
is outputs x inputs there (the matrix transposed), and so E, M, V and U; layers.0.M.bias is b_1, layers.0.W.bias is c_0.
ptncn import reads such a file.

  --out FILE       where it goes
  --infer          the step without learning; of a RUN, the weights stand in the model
  --loop           a whole sequence: x and m have the steps, T, as their first dimension, and so have p and the scores
  --start          what the step begins with, a model from the mask of a batch to all other inputs of the step
  --seed N         of the weights that --start gives with --config (1)
  --end            with update = sequence: what moves the weights at the end of a sequence, by the sum of its updates
  --trace          the result of each equation is an output too, under its name in SPEC.md's traces
  --profile NAME   what --config goes over (released)
  --json           one JSON object, for machines

Examples
  ptncn export onnx runs/bouncing-mnist-seed-1 --out step.onnx
  ptncn export onnx runs/bouncing-mnist-seed-1 --infer --loop --out predict.onnx
  ptncn export onnx --config network.json --start --seed 7 --out start.onnx
  ptncn export safetensors runs/bouncing-mnist-seed-1 --out weights.safetensors
`

const OPTIONS = {
  out: 'value',
  config: 'value',
  profile: 'value',
  seed: 'value',
  infer: 'flag',
  loop: 'flag',
  start: 'flag',
  end: 'flag',
  trace: 'flag',
  json: 'flag',
} as const

interface Source {
  readonly config: Config
  /** what a run has learnt */
  readonly network?: Network
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
  return { config, network: snapshot }
}

type Kind = Part | 'start'

/** @throws UsageError for two that are one or the other */
const kindOf = (given: Given): Kind => {
  const kinds = (['start', 'infer', 'end'] as const).filter((kind) => given[kind])
  const alone = kinds[0]
  const beside = [
    ...kinds.slice(1),
    ...(alone === 'start' || alone === 'end' ? ['loop'] : []),
    ...(alone === 'start' ? ['trace'] : []),
  ]
  const second = beside.find((option) => given[option])
  if (second !== undefined) throw mismatch('UsageError', `--${second}`, `no --${alone} beside it`, 'both')
  if (given['seed'] !== undefined && (alone !== 'start' || given['config'] === undefined)) {
    throw mismatch('UsageError', '--seed', 'with --start and --config alone', given['seed'])
  }
  return alone ?? 'learn'
}

const modelOf = ({ config, network }: Source, kind: Kind, given: Given): Model => {
  if (kind === 'start') {
    const seed = wholeNumber('seed', given['seed'] ?? 1, 0, Number.MAX_SAFE_INTEGER)
    return startModel(config, network ?? initialModel(config, keyOf(seed)))
  }
  const held = kind === 'infer' && network && { weights: network.weights }
  const options: GraphOptions = { part: kind, traced: given['trace'] === true, ...held }
  return given['loop'] ? loopModel(config, options) : stepModel(config, options)
}

const operatorsOf = ({ nodes }: Pick<Model, 'nodes'>): number =>
  nodes.reduce(
    (sum, { attributes: { body } }) => sum + 1 + (typeof body === 'object' && 'nodes' in body ? operatorsOf(body) : 0),
    0,
  )

const exportOnnx = async (run: string | undefined, given: Given): Promise<number> => {
  const out = outOf(given, 'export')
  const kind = kindOf(given)
  const model = modelOf(await sourceOf(run, given), kind, given)
  const bytes = encodeModel(model)
  await writeFileSafely(out, bytes)
  const { inputs, outputs } = model
  const operators = operatorsOf(model)
  if (given['json']) return printJson({ out, part: kind, opset: OPSET, bytes: bytes.length, operators, inputs, outputs })
  const counts = `${operators} operators, ${inputs.length} inputs, ${outputs.length} outputs, ${bytes.length} bytes`
  return print(`${out}: ONNX, opset ${OPSET}, ${counts}\n`)
}

const exportSafetensors = async (run: string | undefined, given: Given): Promise<number> => {
  const foreign = Object.keys(OPTIONS).find((option) => !['out', 'json'].includes(option) && given[option] !== undefined)
  if (foreign !== undefined) throw mismatch('UsageError', `--${foreign}`, 'none of it with safetensors', given[foreign])
  if (run === undefined) throw mismatch('UsageError', 'network', 'a RUN', 'none', 'see ptncn export --help')
  const out = outOf(given, 'export')
  const { config, snapshot } = await openTrained(run)
  const bytes = encodeTorch(config, snapshot.weights)
  await writeFileSafely(out, bytes)
  if (given['json']) return printJson({ out, units: config.units, bytes: bytes.length })
  return print(`${out}: safetensors, the weights of ${config.units.join('-')}, ${bytes.length} bytes\n`)
}

const FORMATS = { onnx: exportOnnx, safetensors: exportSafetensors } as const

/** `ptncn export FORMAT ...`. */
export const runExport = async (args: readonly string[]): Promise<number> => {
  const { given, positionals } = parseArguments('export', args, OPTIONS, 2)
  if (given['help']) return print(HELP)
  const names = Object.keys(FORMATS) as (keyof typeof FORMATS)[]
  const format = requireField('UsageError', 'format', positionals[0], oneOf(...names)) as keyof typeof FORMATS
  return FORMATS[format](positionals[1], given)
}

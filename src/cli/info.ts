/** `ptncn info`: what a checkpoint, a run's folder or a file of data holds. */

import { existsSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { widthFor } from '../engine/fast/kernels/wide.js'
import { layerCount, SPEC_VERSION } from '../ptncn/config.js'
import { weightLabel, weightShapes } from '../ptncn/weights.js'
import { idxIn } from '../experiment/datasets.js'
import { effectiveOptions, openTrained } from '../experiment/run/folder.js'
import { networkName, weightCount } from '../experiment/run/summary.js'
import { parseArguments } from './arguments.js'
import { print, printJson } from './process.js'

const HELP = `ptncn info [FILE]: says what a file holds. FILE is a checkpoint (.safetensors), the folder of a run, or a data file in the
IDX format of MNIST, plain or gzip. Without one, how this machine computes: its cores, and which kernels run on them.

  --json           one JSON object, for machines

Wide kernels need an experimental switch of V8, --experimental-wasm-revectorize, which this command sets for itself; they
give the same bits sooner, or they are not used. PTNCN_WIDE=0 in the environment forbids it.

Examples
  ptncn info
  ptncn info runs/bouncing-mnist-seed-1
  ptncn info mnist/train-images-idx3-ubyte.gz
`

export const runInfo = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('info', args, { json: 'flag' }, 1)
  if (parsed.given['help']) return print(HELP)
  const json = parsed.given['json'] === true
  const [path] = parsed.positionals
  if (path === undefined) return machineInfo(json)
  return isData(path) ? dataInfo(path, json) : networkInfo(path, json)
}

const machineInfo = async (json: boolean): Promise<number> => {
  const { wide, why } = await widthFor()
  const [cores, kernels] = [availableParallelism(), wide ? 'wide' : 'narrow']
  const { node, v8 } = process.versions
  if (json) return printJson({ spec: SPEC_VERSION, node, v8, cores, kernels, why })
  return print(
    [
      `ptncn, specification ${SPEC_VERSION}`,
      `  Node     ${node}, V8 ${v8}, ${process.platform} ${process.arch}`,
      `  cores    ${cores}`,
      `  kernels  ${kernels}; wide ones: ${why}`,
      '',
    ].join('\n'),
  )
}

/** Whatever is neither a folder nor a checkpoint by its name; what is not there at all is told by who looks for a network. */
const isData = (path: string): boolean => existsSync(path) && !statSync(path).isDirectory() && !path.endsWith('.safetensors')

const dataInfo = (path: string, json: boolean): number => {
  const { magic, type, dimensions, size } = idxIn(path)
  const stored = statSync(path).size
  const [count, ...shape] = dimensions
  const code = `0x${magic.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
  // readArchive unpacks what is gzip, and a whole IDX file has the bytes that it announces
  const packed = stored !== size
  if (json) return printJson({ format: 'idx', magic: code, type, count, shape, size, ...(packed && { packed: stored }) })
  return print(
    [
      `${path}: IDX${packed ? ', gzip' : ''}`,
      `  magic  ${code}, ${type}`,
      `  count  ${count}${shape.length === 0 ? '' : `, each ${shape.join(' x ')}`}`,
      `  size   ${size} bytes${packed ? `, packed ${stored}` : ''}`,
      '',
    ].join('\n'),
  )
}

const networkInfo = async (path: string, json: boolean): Promise<number> => {
  const { config, snapshot, settings, standing, stream } = await openTrained(path)
  const tensors = Array.from({ length: layerCount(config) }, (_, i) =>
    weightShapes(config, i + 1).map(([name, rows, cols]) => ({ name: weightLabel(name, i + 1), rows, cols })),
  ).flat()
  const weights = weightCount(config)
  const last = standing?.curve.at(-1)
  const options = settings && effectiveOptions(settings, config)
  if (json) {
    return printJson({
      config,
      weights,
      tensors,
      openSequence: snapshot.state !== undefined,
      ...(options && { options }),
      ...(last && { last, batches: standing!.batches }),
      ...(stream && { stream }),
    })
  }
  return print(
    [
      `${path}: ${networkName(config)}, ${config.units[0]} inputs, ${weights.toLocaleString('en-US')} weights`,
      ...(settings ? [`trained on ${settings.task}, seed ${settings.seed}`] : []),
      ...(last
        ? [
            `stands after ${standing!.batches} batches; validation ${last.validation.toPrecision(5)} after ${last.sequences} sequences`,
          ]
        : []),
      ...(stream ? [`has seen ${stream.steps} lines, in ${stream.sequences + (snapshot.state ? 1 : 0)} sequences`] : []),
      ...(snapshot.state ? [`an open sequence, at step ${snapshot.state.t}`] : []),
      '',
      ...tensors.map(({ name, rows, cols }) => `  ${name.padEnd(5)} ${rows} x ${cols}`),
      '',
      ...Object.entries(config).map(
        ([field, value]) => `  ${field.padEnd(17)} ${Array.isArray(value) ? value.join(', ') : String(value)}`,
      ),
      '',
    ].join('\n'),
  )
}

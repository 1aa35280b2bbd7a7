/** `ptncn import`: weights that were trained or changed elsewhere, as a checkpoint. */

import { mismatch } from '../errors.js'
import { decodeTorch, torchConfig } from '../export/torch.js'
import { readRegular } from '../io/archive.js'
import { encodeCheckpoint } from '../io/checkpoint.js'
import { writeFileSafely } from '../io/files.js'
import { namingFile } from '../io/guess.js'
import { initialOptimizer } from '../ptncn/apply.js'
import { config as complete, type Config } from '../ptncn/config.js'
import { parseArguments, required, type Given } from './arguments.js'
import { configIn, outOf } from './network-file.js'
import { print, printJson } from './process.js'

const HELP = `ptncn import FILE [--config FILE] --out FILE: weights of a safetensors file, under the names and in the shapes that ptncn
export safetensors gives them, as a checkpoint: binary32, layers.0.W.weight and so on. The optimiser begins anew. The network
is the one of --config, a JSON record of fields of SPEC.md's configuration; without it, the one that the file brings, as those
of ptncn export do.

  --config FILE    the network
  --profile NAME   what --config goes over (released)
  --out FILE       where the checkpoint goes; call it NAME.safetensors
  --json           one JSON object, for machines

Examples
  ptncn import weights.safetensors --out back.safetensors
  ptncn import from-pytorch.safetensors --config network.json --out back.safetensors
`

const OPTIONS = { config: 'value', profile: 'value', out: 'value', json: 'flag' } as const

/** @throws UsageError, FileError, ConfigError */
const configOf = async (path: string, bytes: Uint8Array, given: Given): Promise<Config> => {
  if (given['config'] !== undefined) return configIn(String(given['config']), given['profile'])
  if (given['profile'] !== undefined) throw mismatch('UsageError', '--profile', '--config beside it', given['profile'])
  const own = namingFile(path, bytes, () => {
    const fields = torchConfig(bytes)
    return fields && complete(fields as unknown as Config)
  })
  if (own) return own
  throw mismatch('UsageError', '--config', 'the network, as the file brings none', undefined, 'see ptncn import --help')
}

/** `ptncn import FILE ...`. */
export const runImport = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('import', args, OPTIONS, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const path = required(parsed, 'a file of weights', 'import')
  const out = outOf(given, 'import')
  const file = readRegular(path, Infinity)
  const config = await configOf(path, file, given)
  const weights = namingFile(path, file, () => decodeTorch(config, file))
  const bytes = encodeCheckpoint({ config, snapshot: { weights, optimizer: initialOptimizer(config) } })
  await writeFileSafely(out, bytes)
  if (given['json']) return printJson({ out, units: config.units, bytes: bytes.length })
  return print(`${out}: a checkpoint of ${config.units.join('-')}, ${bytes.length} bytes\n`)
}

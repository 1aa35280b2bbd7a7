/** The network of a stream: a new one, or one that was trained before. */

import { mismatch, PtncnError } from '../errors.js'
import { field, oneOf, requireField, whole, type Fields } from '../fields.js'
import { STREAM } from '../data/task.js'
import { accountOf, openTrained, type Trained } from '../experiment/run/folder.js'
import type { Position } from '../experiment/stream.js'
import { networkOf, settingsOf } from '../experiment/settings.js'
import { openTask } from '../experiment/tasks.js'
import { parseJson } from '../io/json.js'
import { keyOf, split } from '../numeric/random.js'
import { forgetSum, initialModel } from '../ptncn/apply.js'
import { CONFIG_FIELDS, type Config } from '../ptncn/config.js'
import { wholeNumber, type Given } from './arguments.js'
import { numberNotation, symbolNotation, type Notation } from './stream-lines.js'
import { typed } from './run-options.js'

/** A network, where it stands, and how its inputs are written. */
export interface Source extends Omit<Trained, 'stream'> {
  readonly position: Position
  readonly notation: Notation
}

/** The account that goes into a checkpoint of the stream. */
export const accountAt = ({ position: _, notation: __, snapshot: ___, ...trained }: Source, stream: Position): Fields =>
  accountOf({ ...trained, stream })

const MOST_SYMBOLS = 2 ** 16
const LIST = field<readonly string[]>(
  `a list of 2 to ${MOST_SYMBOLS} different symbols`,
  (value) =>
    Array.isArray(value) &&
    value.length >= 2 &&
    value.length <= MOST_SYMBOLS &&
    value.every((one) => typeof one === 'string' && one !== '') &&
    new Set(value).size === value.length,
)

/** `a,b,c`, or a JSON list where a comma is a symbol. @throws UsageError */
const listed = (given: unknown): readonly string[] => {
  const text = String(given)
  const list = text.startsWith('[') && text.endsWith(']') ? parseJson(text) : text.split(',')
  return requireField('UsageError', '--symbols', list, LIST, given)
}

const notationOf = (config: Config, given: Given, symbols: readonly string[] | undefined, data?: Trained['data']): Notation => {
  if (!symbols) {
    if (given['top'] !== undefined) throw mismatch('UsageError', '--top', 'none, as its inputs are no symbols', given['top'])
    return numberNotation(config, data?.scaling)
  }
  const top = given['top'] === undefined ? 1 : wholeNumber('top', given['top'], 1, symbols.length)
  return symbolNotation(symbols, top, given['top'] !== undefined)
}

/** What says what a new network is; one that was trained has its own. */
const OF_NEW = [...CONFIG_FIELDS, 'inputs', 'profile'] as const

/** @throws UsageError, ConfigError */
export const newNetwork = (given: Given): Source => {
  const { output, ...options } = typed(given)
  if (options['units'] === undefined)
    throw mismatch('UsageError', '--units', 'the units of the hidden layers, as in 64,64', options['units'])
  const symbols = given['symbols'] === undefined ? undefined : listed(given['symbols'])
  if ((symbols === undefined) === (given['inputs'] === undefined))
    throw mismatch('UsageError', '--inputs', 'one of --inputs N and --symbols LIST', symbols ? 'both' : 'neither')
  const kind = symbols ? oneOf('softmax') : oneOf('identity', 'sigmoid')
  const chosen = requireField('UsageError', '--output', output ?? kind.names![0], kind) as Config['output']
  const inputs = symbols?.length ?? wholeNumber('inputs', given['inputs'], 1, 2 ** 24)
  // what a run on any task would have of these options
  const settings = settingsOf(options)
  const config = networkOf(settings, { inputs, output: chosen })
  if (given['learn'] && config.update !== 'step')
    throw mismatch('UsageError', '--update', 'step, as it learns from each line', config.update)
  const { seed } = settings
  return {
    config,
    snapshot: initialModel(config, split(keyOf(seed), STREAM.weights)),
    ...(symbols && { data: { files: [], symbols } }),
    position: { seed, sequences: 0, steps: 0 },
    notation: notationOf(config, given, symbols),
  }
}

/** How the inputs of a softmax are written: as its checkpoint says, or the user, or the task that it was trained on. */
const symbolsOf = ({ config, data, settings }: Trained, path: string, given: Given): readonly string[] | undefined => {
  if (config.output !== 'softmax' || data?.symbols) {
    if (given['symbols'] === undefined) return data?.symbols
    const expected = `none, as ${data?.symbols ? 'the checkpoint names its own' : 'its inputs are no symbols'}`
    throw mismatch('UsageError', '--symbols', expected, given['symbols'])
  }
  if (given['symbols'] !== undefined) return listed(given['symbols'])
  const symbols = settings && openTask(settings).symbols
  if (symbols) return symbols
  throw new PtncnError('UsageError', `"${path}" expected the symbols of its inputs, got none; name them by --symbols`, path)
}

const ONE = whole(1, 1)

/** The network of a run's folder or of a checkpoint. @throws FileError, UsageError */
export const trainedNetwork = async (path: string, given: Given): Promise<Source> => {
  const { stream, ...trained } = await openTrained(path)
  const foreign = [...OF_NEW, ...(stream ? ['seed'] : [])].find((name) => given[name] !== undefined)
  if (foreign !== undefined)
    throw mismatch('UsageError', `--${foreign}`, `none beside ${path}, whose network has its own`, given[foreign])
  const { config, snapshot, settings } = trained
  if (snapshot.state) requireField('FileError', `${path}: rows of its open sequence`, snapshot.state.x.rows, ONE)
  const symbols = symbolsOf({ ...trained }, path, given)
  if (symbols && symbols.length !== config.units[0])
    throw mismatch('FileError', `${path}: symbols`, `${config.units[0]}, one for each input`, symbols.length)
  const seed = wholeNumber('seed', given['seed'] ?? settings?.seed ?? 1, 0, Number.MAX_SAFE_INTEGER)
  const learning = given['learn'] === true
  return {
    ...trained,
    // a stream may have no end, so that nothing waits for that
    ...(learning && { config: { ...config, update: 'step' as const } }),
    ...(learning && config.update !== 'step' && { snapshot: { ...snapshot, ...forgetSum(snapshot) } }),
    ...(symbols && { data: { files: [], ...trained.data, symbols } }),
    position: stream ?? { seed, sequences: 0, steps: 0 },
    notation: notationOf(config, given, symbols, trained.data),
  }
}

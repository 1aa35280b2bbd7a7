/**
 * Weights alone, as a PyTorch module would hold them: in layer l - 1 of a ModuleList `layers` a Linear for each matrix,
 * whose weight is outputs x inputs, our matrix transposed; b_l is the bias of M, c_(l-1) that of W. [wt-shapes]
 */

import { mismatch, PtncnError } from '../errors.js'
import { decodeTensors, encodeTensors, type ShapeOf, type Tensors } from '../io/safetensors.js'
import { requireRecord, readJson } from '../io/json.js'
import { requireFinite, transpose, type Matrix } from '../numeric/matrix.js'
import { SPEC_VERSION, writtenFields, type Config } from '../ptncn/config.js'
import { buildWeights, isBias, mapWeights, type WeightName, type Weights } from '../ptncn/weights.js'

/** The linear map that has the bias. */
const BIASED: Readonly<Partial<Record<WeightName, WeightName>>> = { b: 'M', c: 'W' }

/** The name of a weight of layer l in a state_dict. */
const torchName = (name: WeightName, l: number): string => {
  const biased = BIASED[name]
  return biased ? `layers.${l - 1}.${biased}.bias` : `layers.${l - 1}.${name}.weight`
}

const shapeOf: ShapeOf = (name, { rows, cols }) => (name.endsWith('.bias') ? [cols] : [rows, cols])

/** The bytes of a safetensors file of the weights, with the configuration beside them. */
export const encodeTorch = (config: Config, weights: Weights): Uint8Array => {
  const tensors: Tensors = new Map()
  mapWeights((weight, name, l) => {
    tensors.set(torchName(name, l), isBias(name) ? weight : transpose(weight))
    return weight
  }, weights)
  const fields = Object.fromEntries(writtenFields(config).map((field) => [field, config[field]]))
  // readers of PyTorch's look for format
  return encodeTensors(tensors, { format: 'pt', ptncn: SPEC_VERSION, config: JSON.stringify(fields) }, shapeOf)
}

/** The fields of the configuration that such a file brings; undefined where it has none. @throws FileError */
export const torchConfig = (bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined => {
  const { config } = decodeTensors(bytes, 'any').metadata
  return config === undefined ? undefined : requireRecord('config', readJson('config', config))
}

/** The weights that such a file holds, whoever wrote it. @throws FileError, NonFiniteError naming the tensor that does not fit */
export const decodeTorch = (config: Config, bytes: Uint8Array): Weights => {
  const { tensors } = decodeTensors(bytes, 'any')
  const take = (name: WeightName, l: number, rows: number, cols: number): Matrix => {
    const label = torchName(name, l)
    const tensor = tensors.get(label)
    if (!tensor)
      throw new PtncnError('FileError', `"${label}" expected among the tensors, got none; its configuration has it`, label)
    tensors.delete(label)
    const weight = isBias(name) ? tensor : transpose(tensor)
    if (weight.rows !== rows || weight.cols !== cols) {
      const written = (r: number, c: number): string => (isBias(name) ? `${c}` : `${c} x ${r}`)
      throw mismatch('FileError', `${label}.shape`, `${written(rows, cols)}, as the units say`, written(weight.rows, weight.cols))
    }
    requireFinite(label, tensor)
    return weight
  }
  const weights = buildWeights(config, (l, name, rows, cols) => take(name, l, rows, cols))
  const [unknown] = tensors.keys()
  if (unknown !== undefined) throw mismatch('FileError', 'tensor', 'a name of this configuration', unknown)
  return weights
}

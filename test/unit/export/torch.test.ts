/** Weights alone, as PyTorch has them: out and back to the bit, and what does not fit refused. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeTorch, encodeTorch, torchConfig } from '../../../src/export/torch.js'
import { decodeTensors, encodeTensors, type Tensors } from '../../../src/io/safetensors.js'
import { config, type Config } from '../../../src/ptncn/config.js'
import { mapWeights } from '../../../src/ptncn/weights.js'
import { networks } from '../../support/arbitraries.js'
import { sameBits } from '../../support/bits.js'
import { holds } from '../../support/property.js'

const of: Config = config({ units: [3, 4, 2], biases: true })
const weights = (() => {
  let drawn: Parameters<typeof encodeTorch>[1] | undefined
  holds(networks({ layers: [2, 2], fixed: { biases: true } }), 1, (network) => void (drawn ??= network.weights))
  return drawn!
})()

test('[wt-shapes] weights go out and come back to the bit, whatever numbers they are', () => {
  holds(networks({ widths: [1, 6], activations: ['tanh'] }), 40, ({ config: own, weights: ours }) => {
    const bytes = encodeTorch(own, ours)
    const back = decodeTorch(own, bytes)
    mapWeights((weight, name, l) => {
      const { rows, cols, data } = back[l - 1]![name]!
      assert.deepEqual([rows, cols], [weight.rows, weight.cols])
      assert.ok(sameBits(data, weight.data))
      return weight
    }, ours)
    assert.deepEqual(config(torchConfig(bytes) as unknown as Config), own)
    assert.deepEqual(encodeTorch(own, back), bytes)
  })
})

const fromOthers = (change: (tensors: Tensors) => void, metadata: Record<string, string> = {}): Uint8Array => {
  const { tensors } = decodeTensors(encodeTorch(networkOf(), weights), 'any')
  change(tensors)
  return encodeTensors(tensors, metadata, (name, { rows, cols }) => (name.endsWith('.bias') ? [cols] : [rows, cols]))
}
const networkOf = (): Config => config({ units: [weights[0]!.W.cols, weights[0]!.W.rows, weights[1]!.W.rows], biases: true })

test('a matrix is outputs x inputs there, and a bias a list', () => {
  const own = networkOf()
  const text = new TextDecoder().decode(encodeTorch(own, weights))
  const header = JSON.parse(text.slice(8, text.lastIndexOf('}}') + 2)) as Record<string, { shape: number[] }>
  const [n0, n1, n2] = own.units as [number, number, number]
  const shapes = Object.fromEntries(Object.entries(header).map(([name, { shape }]) => [name, shape]))
  assert.deepEqual(shapes, {
    __metadata__: undefined,
    'layers.0.W.weight': [n0, n1],
    'layers.0.E.weight': [n1, n0],
    'layers.0.M.weight': [n1, n0],
    'layers.0.V.weight': [n1, n1],
    'layers.0.U.weight': [n1, n2],
    'layers.0.M.bias': [n1],
    'layers.0.W.bias': [n0],
    'layers.1.W.weight': [n1, n2],
    'layers.1.E.weight': [n2, n1],
    'layers.1.M.weight': [n2, n1],
    'layers.1.V.weight': [n2, n2],
    'layers.1.M.bias': [n2],
    'layers.1.W.bias': [n1],
  })
})

test('a file of others needs no metadata; what does not fit is named in one line', () => {
  const own = networkOf()
  const bare = fromOthers(() => {})
  assert.equal(torchConfig(bare), undefined)
  assert.ok(sameBits(decodeTorch(own, bare)[1]!.V.data, weights[1]!.V.data))
  const refused = (message: RegExp, bytes: Uint8Array): void => void assert.throws(() => decodeTorch(own, bytes), { message })
  refused(
    /^"layers.1.E.weight" expected among the tensors, got none/,
    fromOthers((all) => void all.delete('layers.1.E.weight')),
  )
  refused(
    /^"tensor" expected a name of this configuration, got "layers.9.W.weight"/,
    fromOthers((all) => void all.set('layers.9.W.weight', all.get('layers.0.W.weight')!)),
  )
  const other = { rows: 1, cols: 9, data: new Float32Array(9) }
  refused(
    /^"layers.0.M.bias.shape" expected \d, as the units say, got "?9/,
    fromOthers((all) => void all.set('layers.0.M.bias', other)),
  )
  refused(
    /^"layers.0.V.weight.shape" expected \d x \d, as the units say, got "?1 x 9/,
    fromOthers((all) => void all.set('layers.0.V.weight', other)),
  )
  const broken = (all: Tensors): void => {
    const { rows, cols } = all.get('layers.0.V.weight')!
    all.set('layers.0.V.weight', { rows, cols, data: new Float32Array(rows * cols).fill(NaN) })
  }
  refused(/^"layers.0.V.weight\[0,0\]" expected a finite number, got NaN/, fromOthers(broken))
  refused(/^"header length" expected at most/, Uint8Array.from([255, 255, 255, 255, 255, 255, 0, 0, 1]))
  refused(
    /dtype" expected F32, got "F64"/,
    Uint8Array.from(Buffer.from(Buffer.from(bare).toString('latin1').replace('"F32"', '"F64"'), 'latin1')),
  )
  assert.throws(() => torchConfig(fromOthers(() => {}, { config: '[1]' })), { message: /^"config" expected/ })
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
})

test('[ck-format] what others may leave out a checkpoint may not', () => {
  assert.throws(() => decodeTensors(encodeTorch(of, weights)), { message: /shape" expected rows and columns/ })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PtncnError } from '../../../src/errors.js'
import { holds } from '../../support/property.js'
import { plain } from '../support.js'
import {
  config,
  initialModel,
  initialOptimizer,
  initialWeights,
  keyOf,
  matrix,
  referenceEngine,
  inputOf,
  type Config,
  type Sequence,
  type Snapshot,
} from '../../../src/index.js'
import { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from '../../../src/io/checkpoint.js'
import { decodeTensors, encodeTensors } from '../../../src/io/safetensors.js'
import { LATER_FIELDS } from '../../../src/ptncn/config.js'

const CONFIG = config({ units: [3, 4, 2], biases: true, optimizer: 'adam', rate: 0.01, update: 'sequence' })

const inputs = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [1, 0, 0],
].map((row) => inputOf(matrix(1, 3, row)))

const fresh = (settings: Config): Snapshot => ({
  weights: initialWeights(settings, keyOf(7)),
  optimizer: initialOptimizer(settings),
})

const run = async (settings: Config, from: Snapshot, sequence: Sequence): Promise<Snapshot> =>
  (await referenceEngine(settings).train(from, [sequence])).snapshot

/** In the middle of a sequence, so that a checkpoint has everything that it can have. */
const open = async (settings: Config = CONFIG): Promise<Checkpoint> => ({
  config: settings,
  snapshot: await run(settings, fresh(settings), { inputs: inputs.slice(0, 3), open: true, key: [5, 6] }),
})

test('[ck-format] a checkpoint read back is the one written, bit for bit, in the middle of a sequence too', async () => {
  for (const optimizer of ['sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'] as const) {
    const written = await open({ ...CONFIG, optimizer })
    assert.deepEqual(decodeCheckpoint(encodeCheckpoint(written)), written)
  }
})

test('[ck-format] training goes on from a checkpoint to the bits of training without one', async () => {
  const { snapshot } = decodeCheckpoint(encodeCheckpoint(await open()))
  const resumed = await run(CONFIG, snapshot, { inputs: inputs.slice(3), continues: true })
  assert.deepEqual(resumed, await run(CONFIG, fresh(CONFIG), { inputs, key: [5, 6] }))
})

test('[ck-format] the header is JSON padded to eight bytes, and the tensors fill the rest without gaps', async () => {
  const bytes = encodeCheckpoint(await open())
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  assert.equal(length % 8, 0)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<
    string,
    { data_offsets?: [number, number] }
  >
  const ends = Object.values(header).flatMap(({ data_offsets }) => (data_offsets ? [data_offsets[1]] : []))
  assert.equal(Math.max(...ends), bytes.length - 8 - length)
  assert.ok('weights.c_0' in header && 'optimizer.sum.W_2' in header && 'state.d_2' in header)
})

/** The bytes of a checkpoint whose header was changed. */
const withHeader = (bytes: Uint8Array, change: (header: any) => unknown): Uint8Array =>
  withText(bytes, (text) => {
    const header = JSON.parse(text)
    return JSON.stringify(change(header) ?? header)
  })

/** The same with the text of the header, one byte a character where that is below 256. */
const withText = (bytes: Uint8Array, change: (header: string) => string): Uint8Array => {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true))
  const text = Buffer.from(change(Buffer.from(bytes.subarray(8, 8 + length)).toString('latin1')), 'latin1')
  const changed = new Uint8Array(8 + text.length + bytes.length - 8 - length)
  new DataView(changed.buffer).setBigUint64(0, BigInt(text.length), true)
  changed.set(text, 8)
  changed.set(bytes.subarray(8 + length), 8 + text.length)
  return changed
}

const DAMAGE: Readonly<Record<string, [(header: any) => unknown, RegExp]>> = {
  'a missing tensor': [(h) => (delete h['weights.W_1'], delete h['state.x'], h), /expected/],
  'an unknown tensor': [
    (h) => ({ ...h, 'weights.Z_1': { dtype: 'F32', shape: [0, 0], data_offsets: [0, 0] } }),
    /"tensor" expected .* got "weights.Z_1"/,
  ],
  'another type': [(h) => void (h['weights.W_1'].dtype = 'F64'), /"weights.W_1.dtype" expected F32, got "F64"/],
  'another shape': [(h) => void h['weights.W_1'].shape.reverse(), /"weights.W_1" expected 4 x 3/],
  'a negative shape': [(h) => void (h['weights.W_1'].shape = [-4, -3]), /"header" expected JSON/],
  'overlapping tensors': [(h) => void (h['weights.W_1'].data_offsets = h['weights.E_1'].data_offsets), /data_offsets/],
  'a tensor out of the file': [(h) => void (h['weights.W_1'].data_offsets = [1e9, 1e9 + 48]), /data_offsets/],
  'a gap': [(h) => (delete h['state.d_2'], h), /expected/],
  'another format': [(h) => void (h.__metadata__.format = 'other'), /"format" expected ptncn, got "other"/],
  'another version': [(h) => void (h.__metadata__.spec = '9.9.9'), /"spec" expected/],
  'no metadata': [(h) => (delete h.__metadata__, h), /"__metadata__" expected a record/],
  'a configuration that is none': [(h) => void (h.__metadata__.config = '{"units":[3,4,2],"beta":"x"}'), /"beta" expected/],
  'a header that is a number': [() => 7, /"header" expected a record/],
}

for (const [what, [change, message]] of Object.entries(DAMAGE)) {
  test(`[ck-format] a file with ${what} is refused in one line`, async () => {
    const bytes = withHeader(encodeCheckpoint(await open()), change)
    assert.throws(
      () => decodeCheckpoint(bytes),
      (error: Error) => message.test(error.message) && !error.message.includes('\n'),
    )
  })
}

/** What the format's own reader in Rust refuses too. */
const ODD: Readonly<Record<string, [(text: string) => string, RegExp]>> = {
  'a byte order mark': [(text) => `\xef\xbb\xbf${text}`, /"header" expected JSON, .*at character 0/],
  'bytes that are no UTF-8': [(text) => text.replace('"ptncn"', '"ptncn\xff"'), /"header, byte \d+" expected UTF-8, got 255/],
  'a shape with a point': [(text) => text.replace('"shape":[3,4]', '"shape":[3.0,4]'), /"header" expected JSON/],
  'an offset with an exponent': [(text) => text.replace('"data_offsets":[0,', '"data_offsets":[0e0,'), /"header" expected JSON/],
  'metadata that is a number': [
    (text) => text.replace('"format":', '"more":1,"format":'),
    /"__metadata__.more" expected a string/,
  ],
}

for (const [what, [change, message]] of Object.entries(ODD)) {
  test(`[ck-format] a header with ${what} is refused in one line`, async () => {
    const bytes = encodeCheckpoint(await open())
    const changed = withText(bytes, change)
    assert.notDeepEqual(changed, bytes)
    assert.throws(
      () => decodeCheckpoint(changed),
      (error: Error) => error.name === 'FileError' && message.test(error.message) && !error.message.includes('\n'),
    )
  })
}

test('[cf-later] [ck-format] later fields stand in a file only where they do something, and its version says so', async () => {
  const metadata = (bytes: Uint8Array): Record<string, string> => {
    let found: Record<string, string> = {}
    withHeader(bytes, ({ __metadata__ }) => void (found = __metadata__))
    return found
  }
  const plain = encodeCheckpoint(await open())
  assert.equal(metadata(plain)['spec'], '0.1.0')
  assert.ok(!metadata(plain)['config']!.includes('rateFanIn'))
  const later = encodeCheckpoint(await open({ ...CONFIG, rateFanIn: 2, correctionSignal: 'drive' }))
  const { spec, config: written } = metadata(later)
  assert.equal(spec, '0.2.0')
  assert.deepEqual(
    Object.keys(JSON.parse(written!)).filter((field) => LATER_FIELDS.includes(field as 'window')),
    ['correctionSignal', 'rateFanIn'],
  )
  assert.deepEqual(decodeCheckpoint(later).config, config({ ...CONFIG, rateFanIn: 2, correctionSignal: 'drive' }))
  const older = withHeader(later, (header) => ({ ...header, __metadata__: { ...header.__metadata__, spec: '0.1.0' } }))
  assert.throws(() => decodeCheckpoint(older), {
    name: 'FileError',
    message: /"config" expected no field that 0.1.0 does not have/,
  })
  const newer = withHeader(plain, (header) => ({ ...header, __metadata__: { ...header.__metadata__, spec: '0.3.0' } }))
  assert.throws(() => decodeCheckpoint(newer), { name: 'FileError', message: /"spec" expected one of 0.1.0, 0.2.0, got "0.3.0"/ })
})

test('[ck-format] a truncated file is refused, whatever its length', async () => {
  const bytes = encodeCheckpoint(await open())
  for (let length = 0; length < bytes.length; length += 37) {
    assert.throws(() => decodeCheckpoint(bytes.slice(0, length)), { name: 'FileError' })
  }
})

test('[ck-format] NaN in a tensor is refused with its position', async () => {
  const bytes = encodeCheckpoint(await open())
  new DataView(bytes.buffer).setUint32(bytes.length - 4, 0x7fc00000, true)
  assert.throws(() => decodeCheckpoint(bytes), {
    name: 'NonFiniteError',
    message: /"state.d_2\[0,1\]" expected a finite number, got NaN/,
  })
})

test('[ck-format] a function as activation cannot be saved', () => {
  const settings = config({ units: [3, 2], activation: (a) => a })
  assert.throws(() => encodeCheckpoint({ config: settings, snapshot: fresh(settings) }), { name: 'ConfigError' })
})

test('[ck-format] what a run says of itself is read back', async () => {
  const run = { options: { seed: 3 }, batches: 7 }
  assert.deepEqual(plain(decodeCheckpoint(encodeCheckpoint({ ...(await open()), run })).run), run)
})

/** Damage of all kinds to the bytes of a checkpoint. */
const damaged = (whole: Uint8Array) =>
  fc.oneof(
    fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }).map((changes) => {
      const bytes = whole.slice()
      for (const [at, value] of changes) bytes[at] = value
      return bytes
    }),
    fc.nat(whole.length).map((length) => whole.slice(0, length)),
    fc.uint8Array({ maxLength: 200 }),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((length) => {
      const bytes = whole.slice()
      new DataView(bytes.buffer).setBigUint64(0, length, true)
      return bytes
    }),
  )

test('[ck-format] a damaged file is read, or refused in one line, and takes no memory that it has not', async () => {
  const whole = encodeCheckpoint(await open())
  let [tried, refused] = [0, 0]
  holds(damaged(whole), 2000, (bytes) => {
    tried++
    try {
      const { snapshot } = decodeCheckpoint(bytes)
      assert.ok(snapshot.weights.length <= bytes.length)
    } catch (error) {
      refused++
      assert.ok(error instanceof PtncnError, String(error))
      assert.ok(!error.message.includes('\n') && error.message.length < 1000)
    }
  })
  if (process.env['PRINT']) console.log(`checkpoints: ${tried} damaged, ${refused} refused`)
  assert.ok(refused > tried / 2)
})

test('[ck-format] a sum without an open sequence is no checkpoint, to be written or to be read', () => {
  const summed = config({ units: [2, 2], update: 'sequence' })
  const { weights, optimizer } = initialModel(summed, keyOf(1))
  const snapshot = { weights, optimizer: { ...optimizer, sum: weights } }
  const refusal = /"optimizer.sum" expected the state of an open sequence beside it, got "none"/
  assert.throws(() => encodeCheckpoint({ config: summed, snapshot }), refusal)
  const { tensors, metadata } = decodeTensors(encodeCheckpoint({ config: summed, snapshot: { weights, optimizer } }))
  for (const [name, value] of [...tensors]) tensors.set(name.replace('weights', 'optimizer.sum'), value)
  assert.throws(() => decodeCheckpoint(encodeTensors(tensors, metadata as Record<string, string>)), refusal)
})

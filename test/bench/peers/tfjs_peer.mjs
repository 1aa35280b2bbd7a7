/**
 * The released-profile step in TensorFlow.js on its wasm backend (SIMD; it has no threads in Node), as a process that
 * the benchmark drives with lines of JSON: load, check, time, formulation (../peer.ts).
 *
 * Two layouts:
 *
 *     columns   the faster one. Batch rows are columns, so that a weight is always a left factor: the library packs the
 *               right one anew each time it has changed. Small factors are transposed by themselves, as a product with
 *               transposeA or transposeB leaves the library's fast path.
 *     flags     as the equations are written, with transposeA: what its documentation suggests.
 */

import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { createInterface } from 'node:readline'

import * as tf from '@tensorflow/tfjs-core'
import { getThreadsCount, setWasmPaths, version_wasm as version } from '@tensorflow/tfjs-backend-wasm'

const LAYOUTS = {
  columns: {
    transposed: true,
    product: (signal, weight) => tf.matMul(weight, signal),
    outer: (before, after) => tf.matMul(after, tf.transpose(before)),
    softmax: (logits) => tf.transpose(tf.softmax(tf.transpose(logits))),
  },
  flags: {
    transposed: false,
    product: (signal, weight) => tf.matMul(signal, weight),
    outer: (before, after) => tf.matMul(before, after, true, false),
    softmax: (logits) => tf.softmax(logits),
  },
}

const floats = ({ rows, cols, data }, transposed) => {
  const bytes = Buffer.from(data, 'base64')
  const values = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
  return tf.tidy(() => {
    const tensor = tf.tensor2d(values, [rows, cols])
    return transposed ? tf.transpose(tensor) : tensor
  })
}

/** All that a run needs; weights and momenta are variables of the backend and change in place. */
const load = ({ config, rows, weights, inputs, layout }) => {
  const algebra = LAYOUTS[layout ?? 'columns']
  const tensor = (value) => floats(value, algebra.transposed)
  const first = new Map(weights.map(({ name, ...value }) => [name, tensor(value)]))
  const variables = new Map([...first].map(([name, value]) => [name, tf.variable(value)]))
  const momenta = new Map([...first].map(([name, value]) => [name, tf.variable(tf.zerosLike(value))]))
  return { config, rows, algebra, first, variables, momenta, inputs: inputs.map(tensor), state: undefined }
}

/** The weights as they were loaded, momenta zero, a sequence that begins. */
const reset = (run) => {
  const { config, rows, algebra, first, variables, momenta } = run
  tf.tidy(() => {
    for (const [name, value] of first) {
      variables.get(name).assign(tf.clone(value))
      momenta.get(name).assign(tf.zerosLike(value))
    }
  })
  if (run.state) tf.dispose(run.state)
  const zeros = (n) => tf.zeros(algebra.transposed ? [n, rows] : [rows, n])
  run.state = config.units.map(zeros)
}

/** A1 to C4: this step's signals. `before` holds x[t-1], y_1[t-1], y_2[t-1] and so on. */
const infer = ({ config, algebra: { product, softmax }, variables }, before, x) => {
  const top = config.units.length - 1
  const w = (name, l) => variables.get(`${name}_${l}`)
  const [a, z, e, y, d] = [[], [x], [], [x], []]
  for (let l = 1; l <= top; l++) {
    const driven = [product(before[l - 1], w('M', l)), product(before[l], w('V', l))]
    if (l < top) driven.push(product(before[l + 1], w('U', l)))
    a[l] = driven.reduce((sum, part) => tf.add(sum, part))
    z[l] = tf.tanh(a[l])
  }
  for (let l = 1; l <= top; l++) {
    const logits = product(z[l], w('W', l))
    const p = l > 1 ? logits : config.output === 'softmax' ? softmax(logits) : tf.sigmoid(logits)
    e[l - 1] = tf.sub(p, z[l - 1])
  }
  for (let l = 1; l <= top; l++) {
    const carried = product(e[l - 1], w('E', l))
    const c = l < top ? tf.sub(carried, tf.mul(e[l], config.alpha)) : carried
    y[l] = tf.tanh(tf.sub(a[l], tf.mul(c, config.beta)))
    d[l] = tf.sub(z[l], y[l])
  }
  return { z, e, y, d }
}

/** L1 to O3. */
const learn = (run, before, { z, e, d }) => {
  const {
    config,
    algebra: { outer },
  } = run
  const top = config.units.length - 1
  for (let l = 1; l <= top; l++) {
    const dW = outer(z[l], l === 1 ? e[0] : d[l - 1])
    const { norm, factor } = clipped(run, dW)
    const change = tf.mul(dW, factor)
    move(run, `W_${l}`, change)
    // E's update is W's, clipped, transposed and clipped again, which changes its last digits at most
    const again = tf.minimum(tf.div(config.clip, tf.minimum(norm, config.clip)), 1)
    move(run, `E_${l}`, tf.mul(tf.transpose(change), again))
    for (const [name, presynaptic] of [
      ['M', l - 1],
      ['V', l],
      ['U', l + 1],
    ]) {
      if (presynaptic > top) continue
      const update = outer(before[presynaptic], d[l])
      move(run, `${name}_${l}`, tf.mul(update, clipped(run, update).factor))
    }
  }
}

/** O1 and O2 as one factor, times the rate. */
const clipped = ({ config, rows }, update) => {
  const norm = tf.sqrt(tf.sum(tf.square(update)))
  return { norm, factor: tf.div((config.rate / rows) * config.clip, tf.maximum(norm, config.clip)) }
}

/** O3 with the momentum kept as rate mu v: five passes instead of seven. */
const move = ({ config, variables, momenta }, name, change) => {
  const momentum = tf.mul(tf.add(momenta.get(name), change), config.momentum)
  const weight = variables.get(name)
  weight.assign(tf.sub(tf.sub(weight, change), momentum))
  momenta.get(name).assign(momentum)
}

const advance = (run, t) => {
  const before = run.state
  run.state = tf.tidy(() => {
    const signals = infer(run, before, run.inputs[t % run.inputs.length])
    if (t >= run.config.learnFrom) learn(run, before, signals)
    return signals.y.map((y) => tf.clone(y))
  })
  tf.dispose(before)
}

/** A step that does not learn, then `steps` that do. The last weight is read back so that nothing is left undone. */
const runSteps = (run, steps) => {
  reset(run)
  const before = run.config.learnFrom
  for (let t = 0; t < before; t++) advance(run, t)
  const begin = performance.now()
  for (let t = before; t < before + steps; t++) advance(run, t)
  return performance.now() - begin
}

const encoded = (run, variable) =>
  tf.tidy(() => {
    const value = run.algebra.transposed ? tf.transpose(variable) : variable
    return Buffer.from(Float32Array.from(value.dataSync()).buffer).toString('base64')
  })

let current
const COMMANDS = {
  about: async () => ({
    library: `TensorFlow.js ${version}`,
    backend: tf.getBackend(),
    simd: await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
    threads: getThreadsCount(),
  }),
  load: (request) => {
    if (current) tf.disposeVariables()
    if (current) tf.dispose([...current.first.values(), current.inputs, current.state])
    current = load(request)
    return {}
  },
  check: ({ steps }) => {
    runSteps(current, steps)
    return { weights: [...current.variables].map(([name, variable]) => ({ name, data: encoded(current, variable) })) }
  },
  time: ({ steps }) => ({ milliseconds: runSteps(current, steps) }),
}

const require = createRequire(import.meta.url)
setWasmPaths(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')) + sep)
await tf.setBackend('wasm')

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  const answer = await COMMANDS[request.cmd](request)
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

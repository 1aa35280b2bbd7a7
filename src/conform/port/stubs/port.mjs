/**
 * A port of P-TNCN to fill in. SPEC.md, appendix C, says what the lines mean. Numbers of JavaScript are binary64: write
 * Math.fround(x * y) + z into a Float32Array, which rounds it once more.
 *
 * Next: write step, one equation after another; after each, run the kit again. It names the first that is wrong or missing:
 * A1 a_l; A2 z_l; P1 logits, p; C1 e; C2 h; C3 a, z; C4 d; L1 to L6 the updates; S1 to S4 scores; O1 clip; O2 mean; O3; O4.
 */

import { createInterface } from 'node:readline'

/** The numbers of a tensor, row by row. */
const read = ({ s: [rows, cols], x }) => {
  const bytes = Buffer.from(x, 'hex')
  return { rows, cols, data: Float32Array.from({ length: rows * cols }, (_, i) => bytes.readFloatBE(4 * i)) }
}

const write = ({ rows, cols, data }) => {
  const bytes = Buffer.alloc(4 * data.length)
  data.forEach((number, i) => bytes.writeFloatBE(number, 4 * i))
  return { s: [rows, cols], x: bytes.toString('hex') }
}

const refusal = (kind, what) => ({ ok: false, kind, what })

const step = (request) => {
  // const x = read(request.input.x)
  // const trace = { 'A1.a_1': write(...), ... }
  // return { ok: true, out: ..., state: ..., weights: ..., optimizer: ..., trace }
  return refusal('unsupported', 'fill in A1')
}

const hello = () => {
  const caps = {
    layers: 4,
    maxDims: 64,
    activations: ['tanh'],
    outputs: ['softmax'],
    optimizers: ['nesterov'],
    ops: ['step'],
    trace: 'full',
    level: 'bit',
  }
  const port = { name: 'my-port', version: '0', language: 'JavaScript' }
  return { ok: true, protocol: 1, specs: ['0.1.0', '0.2.0'], port, caps }
}

const answerTo = (request) => {
  if (request.op === 'hello') return hello()
  if (request.op === 'step') return step(request)
  return refusal('unsupported', `no operation ${request.op}`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  if (request.op === 'bye') break
  process.stdout.write(`${JSON.stringify({ id: request.id, ...answerTo(request) })}\n`)
}

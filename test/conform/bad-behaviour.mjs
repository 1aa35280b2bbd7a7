/** A port that behaves badly: `node bad-behaviour.mjs KIND`. It shakes hands, and then does what its KIND says. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const kind = process.argv[2]
const caps = {
  layers: 9,
  maxDims: 99,
  activations: ['tanh'],
  outputs: ['softmax'],
  optimizers: ['sgd'],
  ops: ['step'],
  trace: 'full',
  level: 'bit',
}
const hello = { ok: true, protocol: 1, specs: ['0.1.0'], port: { name: kind, version: '1', language: 'none' }, caps }
const say = (value) => process.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
const tensor = (rows, cols, bits = '00000000') => ({ s: [rows, cols], x: bits.repeat(rows * cols) })
const nan = 'ffc00000'

/** An answer of the right form, all of zeros. */
const zeros = ({ id, state, weights, optimizer, input }, change = () => {}) => {
  const answer = { id, ok: true, out: tensor(...input.x.s), state: { ...state, t: state.t + 1 }, weights, optimizer, trace: {} }
  change(answer)
  return answer
}

const BEHAVIOURS = {
  crash: () => {
    process.stderr.write('cannot go on\n')
    process.kill(process.pid, 'SIGSEGV')
  },
  exit: () => process.exit(3),
  hang: () => {},
  'hang-with-child': () => spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'inherit' }),
  // in a session of its own, with the pipes of the port: no signal to the port's group reaches it
  'hang-with-grandchild': () =>
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 12000)'], { stdio: 'inherit', detached: true }).unref(),
  'end-with-grandchild': (request) => {
    spawn(process.execPath, ['-e', 'setTimeout(() => {}, 12000)'], { stdio: 'inherit', detached: true }).unref()
    say(zeros(request))
  },
  late: (request) => setTimeout(() => say(zeros(request)), 1500),
  'not-json': () => say('Traceback \u001b[31m (most recent call last)'),
  'wrong-id': (request) => say({ ...zeros(request), id: 'other' }),
  print: (request) => {
    say('a = 0.5')
    say(zeros(request))
  },
  'no-newline': (request) => process.stdout.write(JSON.stringify(zeros(request))),
  'long-line': () => process.stdout.write('x'.repeat(9 * 2 ** 20)),
  'endless-line': () => {
    const more = () => process.stdout.write('x'.repeat(2 ** 16), more)
    more()
  },
  'stderr-flood': (request) => {
    process.stderr.write('noise '.repeat(2 ** 18))
    say(zeros(request))
  },
  'wrong-shape': (request) => say(zeros(request, (answer) => (answer.out = tensor(1, 1)))),
  'wrong-length': (request) => say(zeros(request, (answer) => (answer.out.x = answer.out.x.slice(8)))),
  'missing-tensor': (request) => say(zeros(request, ({ weights }) => delete weights.W_1)),
  nan: (request) =>
    say(
      zeros(request, (answer) => {
        const [rows, width] = [request.input.x.s[0], request.config.units[1]]
        answer.trace['A1.a_1'] = tensor(rows, width, nan)
      }),
    ),
  twice: (request) => {
    say(zeros(request))
    say(zeros(request, (answer) => (answer.out = tensor(...answer.out.s, '3f800000'))))
  },
  unsupported: ({ id }) => say({ id, ok: false, kind: 'unsupported', what: 'step' }),
  proto: (request) => say(`{"id":${request.id},"ok":true,"__proto__":{"polluted":1}}`),
  'double-name': (request) => say(`{"id":${request.id},"ok":true,"ok":true}`),
  stay: (request) => say(zeros(request)),
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line)
  if (request.op === 'hello') {
    if (kind === 'hello-twice') say({ id: request.id, ...hello })
    if (kind === 'hello-other') say({ id: request.id, ...hello, protocol: 2 })
    else if (kind === 'hello-nothing') say({ id: request.id, ...hello, caps: { ...caps, activations: [] } })
    else if (kind === 'hello-silent') continue
    else say({ id: request.id, ...hello })
  } else if (request.op === 'bye') {
    if (kind !== 'stay') break
    setInterval(() => {}, 1000)
  } else BEHAVIOURS[kind]?.(request)
}
if (kind === 'hello-silent') setInterval(() => {}, 1000)

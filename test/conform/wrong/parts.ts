/** Mistakes in what a step does not show: functions, initial weights, checkpoints. */

import { FUNCTIONS } from '../../../src/conform/parts/functions.js'
import { between, bits, float, mapBits, type WrongPort } from './port.js'

type Body = Record<string, any>
const PARTS = 'parts'

const answering = (id: string, named: string, op: string, change: (answer: Body, request: Body) => void): WrongPort =>
  between(`${op}-${id}`, PARTS, named, {
    answer: (answer, request) => {
      if (request['op'] === op && answer['ok'] === true) change(answer, request)
      return answer
    },
  })
const asking = (id: string, named: string, op: string, change: (request: Body) => void): WrongPort =>
  between(`${op}-${id}`, PARTS, named, {
    ask: (request) => {
      if (request['op'] === op) change(request)
      return request
    },
  })

/** A function whose every value passes through another one. */
const ofValues = (id: string, name: string, wrong: (x: number, right: number) => number): WrongPort =>
  answering(`${name}-${id}`, FUNCTIONS[name]!.clause, 'function', (answer, request) => {
    if (request['name'] !== name) return
    const given = (request['x'].x as string).match(/.{8}/g)!
    let i = 0
    answer['value'] = mapBits(answer['value'], (hex) => bits(Math.fround(wrong(float(given[i++]!), float(hex)))))
  })
/** A function of whole numbers that is asked about others. */
const ofWords = (id: string, name: string, wrong: (words: number[]) => number[]): WrongPort =>
  asking(`${name}-${id}`, FUNCTIONS[name]!.clause, 'function', (request) => {
    if (request['name'] === name && Array.isArray(request['words'])) request['words'] = wrong(request['words'])
  })

const low = (x: number): number => x % 2 ** 32
const LIBRARY = { exp: Math.exp, log: Math.log, tanh: Math.tanh } as const

const functions: readonly WrongPort[] = [
  ...(Object.keys(LIBRARY) as (keyof typeof LIBRARY)[]).map((name) => ofValues('of-the-library', name, (x) => LIBRARY[name](x))),
  ofValues('of-the-library', 'sigmoid', (x) => 1 / (1 + Math.exp(-x))),
  ofValues('subnormals-flushed', 'exp', (_, right) => (Math.abs(right) < 2 ** -126 ? 0 : right)),
  ofValues('subnormals-lost', 'log', (x, right) => (x > 0 && x < 2 ** -126 ? -Infinity : right)),
  ofValues('negative-is-infinite', 'log', (x, right) => (x < 0 ? -Infinity : right)),
  ofValues('minus-zero-lost', 'tanh', (x, right) => (Object.is(x, -0) ? 0 : right)),
  ofValues('nan-is-zero', 'relu', (x, right) => (Number.isNaN(x) ? 0 : right)),
  ofValues('minus-zero-kept', 'relu', (x, right) => (Object.is(x, -0) ? -0 : right)),
  ofValues('nan-is-6', 'relu6', (x, right) => (Number.isNaN(x) ? 6 : right)),
  ofValues('minus-zero-is-negative', 'sign', (x, right) => (Object.is(x, -0) ? -0 : right)),
  ofValues('zero-does-not-fire', 'step', (x, right) => (x === 0 ? 0 : right)),
  ofValues('of-binary64', 'ltanh', (x) => 1.7159 * Math.tanh((2 * x) / 3)),
  answering('softmax-in-binary64', 'ar-softmax', 'function', (answer, { name, x }) => {
    if (name !== 'softmax') return
    const [, cols] = x.s as [number, number]
    const given = (x.x as string).match(/.{8}/g)!.map(float)
    const made = given.map((value, i) => {
      const row = given.slice(i - (i % cols), i - (i % cols) + cols)
      const top = Math.max(...row)
      return Math.exp(value - top) / row.reduce((sum, one) => sum + Math.exp(one - top), 0)
    })
    answer['value'] = { s: x.s, x: made.map((value) => bits(value)).join('') }
  }),
  ofWords('key-words-swapped', 'philox', ([a, b, c, d, k0, k1]) => [a!, b!, c!, d!, k1!, k0!]),
  ofWords('counter-reversed', 'philox', ([a, b, c, d, k0, k1]) => [d!, c!, b!, a!, k0!, k1!]),
  answering('philox-signed', 'ar-philox', 'function', (answer, { name }) => {
    if (name === 'philox') answer['words'] = answer['words'].map((word: number) => word | 0)
  }),
  ofWords('seed-of-32-bits', 'key', ([seed]) => [low(seed!)]),
  answering('key-swapped', 'ar-key', 'function', (answer, { name }) => {
    if (name === 'key') answer['words'].reverse()
  }),
  ofWords('index-of-32-bits', 'split', ([k0, k1, i]) => [k0!, k1!, low(i!)]),
  ofWords('index-of-32-bits', 'word', ([k0, k1, i]) => [k0!, k1!, low(i!)]),
  ofWords('order-in-block', 'word', ([k0, k1, i]) => [k0!, k1!, i! - (i! % 4) + (3 - (i! % 4))]),
  answering('below-by-remainder', 'ar-uniform', 'function', (answer, { name, words }) => {
    if (name === 'below') answer['words'] = [words[1] % words[0]]
  }),
  answering('unit-of-32-bits', 'ar-uniform', 'function', (answer, { name, words }) => {
    if (name === 'unit') answer['value'].x = words.map((word: number) => bits(Math.fround(word / 2 ** 32))).join('')
  }),
  ofWords('half-a-step-left-out', 'normal', (words) => words.map((word) => Math.max(0, word - 512))),
  answering('normal-tail-sign', 'ar-normal', 'function', (answer, { name, words }) => {
    let i = 0
    if (name === 'normal')
      answer['value'] = mapBits(answer['value'], (hex) => (words[i++] < 0x13333000 ? bits(-float(hex)) : hex))
  }),
  asking('unknown-name-is-exp', 'pr-parts', 'function', (request) => {
    if (!Object.hasOwn(FUNCTIONS, String(request['name'])))
      Object.assign(request, { name: 'exp', x: { s: [1, 1], x: '00000000' } })
  }),
  asking('words-beyond-wrap', 'pr-parts', 'function', (request) => {
    const { words } = request
    if (Array.isArray(words) && request['name'] !== 'key') request['words'] = [Number(words[0]) >>> 0, ...words.slice(1)]
  }),
]

const letters = (answer: Body, f: (name: string) => string): void => {
  answer['weights'] = Object.fromEntries(Object.entries(answer['weights'] as Body).map(([name, value]) => [f(name), value]))
}
const swapped = (a: string, b: string) => (answer: Body) => {
  const weights = answer['weights'] as Body
  for (const name of Object.keys(weights).filter((one) => one.startsWith(`${a}_`))) {
    const other = name.replace(a, b)
    if (weights[other] && String(weights[other].s) === String(weights[name].s))
      [weights[name], weights[other]] = [weights[other], weights[name]]
  }
}

const initials: readonly WrongPort[] = [
  answering('M-and-V-swapped', 'wt-init', 'init', swapped('M', 'V')),
  answering('E-and-M-swapped', 'wt-init', 'init', swapped('E', 'M')),
  answering('names-from-0', 'wt-shapes', 'init', (answer) =>
    letters(answer, (name) => name.replace(/\d+$/, (l) => String(Number(l) - 1))),
  ),
  answering('biases-drawn', 'wt-init', 'init', (answer) => {
    for (const [name, value] of Object.entries(answer['weights'] as Body))
      if (/^[bc]/.test(name)) (answer['weights'] as Body)[name] = mapBits(value, () => '3c23d70a')
  }),
  asking('seed-of-32-bits', 'wt-init', 'init', (request) => {
    if (Number.isSafeInteger(request['seed'])) request['seed'] = low(request['seed'])
  }),
  asking('seed-is-1', 'wt-init', 'init', (request) => {
    if (Number.isSafeInteger(request['seed']) && request['seed'] >= 0) request['seed'] = 1
  }),
  asking('seed-missing-is-0', 'pr-parts', 'init', (request) => void (request['seed'] ??= 0)),
  asking('E-drawn-always', 'wt-init', 'init', ({ config }) => {
    if (config.errorStart === 'transposed') config.errorStart = 'independent'
  }),
  asking('deviation-is-the-default', 'wt-init', 'init', ({ config }) => void (config.weightScale &&= '3d4ccccd')),
]

type Header = Record<string, any>
/** Another checkpoint: its header and its tensors changed. */
const inFile = (hex: string, change: (header: Header, data: Buffer) => void): string => {
  const bytes = Buffer.from(hex, 'hex')
  const length = Number(bytes.readBigUInt64LE())
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Header
  const data = Buffer.from(bytes.subarray(8 + length))
  change(header, data)
  const text = JSON.stringify(header)
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(head.length))
  return Buffer.concat([size, head, data]).toString('hex')
}
const written = (id: string, change: (header: Header, data: Buffer) => void): WrongPort =>
  answering(id, 'ck-format', 'checkpoint', (answer) => void (answer['bytes'] = inFile(answer['bytes'], change)))

const swapTensors = (a: string, b: string) => (header: Header) => {
  const [one, other] = [header[a], header[b]]
  if (one && other && String(one.shape) === String(other.shape))
    [one.data_offsets, other.data_offsets] = [other.data_offsets, one.data_offsets]
}
const inMetadata = (name: string, change: (value: any) => void) => (header: Header) => {
  const all = header['__metadata__']
  if (all[name] === undefined) return
  const value = JSON.parse(all[name]) as unknown
  change(value)
  all[name] = JSON.stringify(value)
}

/** A file that has to be refused is read as another. */
const forgiving = (id: string, mend: (hex: string) => string): WrongPort =>
  asking(`accepts-${id}`, 'ck-format', 'checkpoint', (request) => {
    try {
      request['bytes'] = mend(request['bytes'])
    } catch {
      // no file at all
    }
  })

const checkpoints: readonly WrongPort[] = [
  written('M-and-W-swapped', swapTensors('weights.W_1', 'weights.M_1')),
  written('M-and-V-swapped', swapTensors('weights.M_2', 'weights.V_2')),
  written('moments-swapped', swapTensors('optimizer.first.W_1', 'optimizer.second.W_1')),
  written('y-and-z-swapped', swapTensors('state.y_1', 'state.z_1')),
  written('shapes-turned', (header) => {
    for (const [name, entry] of Object.entries(header)) if (name !== '__metadata__') entry.shape.reverse()
  }),
  written('big-endian', (_, data) => void data.swap32()),
  written('subnormals-flushed', (_, data) => {
    for (let i = 0; i < data.length; i += 4) if (Math.abs(data.readFloatLE(i)) < 2 ** -126) data.writeFloatLE(0, i)
  }),
  written(
    'time-of-32-bits',
    inMetadata('state', (state) => void (state.t = low(state.t))),
  ),
  written(
    'key-swapped',
    inMetadata('state', (state) => void state.key.reverse()),
  ),
  written(
    'powers-are-1',
    inMetadata('optimizer', (powers) => Object.assign(powers, { power1: '3f800000', power2: '3f800000' })),
  ),
  written(
    'rate-short',
    inMetadata('config', (config) => void (config.rate = Number(Number(config.rate).toPrecision(3)))),
  ),
  written(
    'alpha-subnormal-lost',
    inMetadata('config', (config) => void (config.alpha = config.alpha < 1e-38 ? 0 : config.alpha)),
  ),
  written(
    'later-fields-lost',
    inMetadata('config', (config) => void delete config.window),
  ),
  written('spec-always-0.2.0', (header) => void (header['__metadata__'].spec = '0.2.0')),
  written('state-lost', (header) => void delete header['__metadata__'].state),
  answering('unpadded', 'ck-format', 'checkpoint', (answer) => {
    const bytes = Buffer.from(answer['bytes'], 'hex')
    const [length, size] = [Number(bytes.readBigUInt64LE()), Buffer.alloc(8)]
    const head = bytes
      .subarray(8, 8 + length)
      .toString()
      .trimEnd()
    size.writeBigUInt64LE(BigInt(head.length))
    answer['bytes'] = Buffer.concat([size, Buffer.from(head), bytes.subarray(8 + length)]).toString('hex')
  }),
  forgiving('file-longer', (hex) =>
    inFile(hex, (header, data) => void [header, data]).slice(0, hex.length - 2 * (hex.length / 2 - whole(hex))),
  ),
  forgiving('not-finite', (hex) =>
    inFile(hex, (_, data) => {
      for (let i = 0; i < data.length; i += 4) if (!Number.isFinite(data.readFloatLE(i))) data.writeFloatLE(0, i)
    }),
  ),
  forgiving('unknown-tensors', (hex) => inFile(hex, (header) => void delete header['weights.X_1'])),
  forgiving('other-format', (hex) => inFile(hex, (header) => void (header['__metadata__'].format = 'ptncn'))),
  forgiving('metadata-number', (hex) => inFile(hex, (header) => void (header['__metadata__'].spec = '0.2.0'))),
  forgiving('other-types', (hex) => inFile(hex, (header) => void (header['weights.W_1'].dtype = 'F32'))),
]

/** Bytes of a file, by its own header. */
function whole(hex: string): number {
  const bytes = Buffer.from(hex, 'hex')
  const length = Number(bytes.readBigUInt64LE())
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Header
  const ends = Object.entries(header).map(([name, entry]) => (name === '__metadata__' ? 0 : (entry.data_offsets[1] as number)))
  return 8 + length + Math.max(...ends)
}

export const parts: readonly WrongPort[] = [...functions, ...initials, ...checkpoints]

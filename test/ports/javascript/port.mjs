// P-TNCN in plain JavaScript, written from SPEC.md alone. It keeps the versions 0.1.0 and 0.2.0 of that document and
// speaks its conformance protocol ([pr-lines]): a request a line on the standard input, an answer a line on the
// standard output. The names in brackets are the clauses of SPEC.md.
//
// One table of equations, `EQUATIONS`, serves both the step and single `equation` requests: each equation reads tensors
// by the names of [pr-reads] and gives one tensor. A step is nothing but these names in order.

import { Buffer } from 'node:buffer'

const { fround, sqrt, abs, floor } = Math

const MAX_LINE = 8 * 1024 * 1024 // [pr-lines]
const MAX_ELEMENTS = MAX_LINE / 8 // more digits do not fit into an answer
const LAST_T = 2 ** 53 - 2 // [st-carried]
const LAST_WHOLE = 2 ** 53 - 1 // a seed, an index [pr-parts]

class Refusal extends Error {
  constructor(kind, what, more = {}) {
    super(what)
    this.kind = kind
    this.more = more
  }
}
const invalid = (what) => new Refusal('invalid', what)
const unsupported = (what) => new Refusal('unsupported', what)
const check = (holds, what) => {
  if (!holds) throw invalid(what)
}

// ---- Tensors -------------------------------------------------------------------------------------------------------

// Float32Array rounds what is stored in it, so `data[i] = a + b` is one binary32 operation for binary32 a and b.
const tensor = (rows, cols) => {
  if (rows * cols > MAX_ELEMENTS) throw new Refusal('internal', `${rows} x ${cols} numbers do not fit into an answer`)
  return { rows, cols, data: new Float32Array(rows * cols) }
}
const number = (value) => ({ rows: 1, cols: 1, data: Float32Array.of(value) })
const sameShape = (a, b) =>
  check(a.rows === b.rows && a.cols === b.cols, `${a.rows} x ${a.cols} does not fit ${b.rows} x ${b.cols}`)

const map = (a, f) => {
  const out = tensor(a.rows, a.cols)
  for (let i = 0; i < a.data.length; i++) out.data[i] = f(a.data[i])
  return out
}
const map2 = (a, b, f) => {
  sameShape(a, b)
  const out = tensor(a.rows, a.cols)
  for (let i = 0; i < a.data.length; i++) out.data[i] = f(a.data[i], b.data[i])
  return out
}
const add = (a, b) => map2(a, b, (x, y) => x + y)
const subtract = (a, b) => map2(a, b, (x, y) => x - y)
const scale = (a, factor) => map(a, (x) => x * factor)
const addToRows = (a, bias) => {
  check(bias.rows === 1 && bias.cols === a.cols, 'a bias has one row, as wide as what it is added to')
  const out = tensor(a.rows, a.cols)
  for (let i = 0; i < a.data.length; i++) out.data[i] = a.data[i] + bias.data[i % a.cols]
  return out
}
const timesMask = (mask, a) => {
  check(mask.cols === 1 && mask.rows === a.rows, 'a mask has one column, and a row for each row')
  const out = tensor(a.rows, a.cols)
  for (let i = 0; i < a.data.length; i++) out.data[i] = mask.data[floor(i / a.cols)] * a.data[i]
  return out
}
const transpose = (a) => {
  const out = tensor(a.cols, a.rows)
  for (let i = 0; i < a.rows; i++) for (let j = 0; j < a.cols; j++) out.data[j * a.rows + i] = a.data[i * a.cols + j]
  return out
}

// [ar-product]: every element adds its terms in ascending order of the summed index.
const product = (a, b) => {
  check(a.cols === b.rows, `${a.rows} x ${a.cols} does not fit ${b.rows} x ${b.cols}`)
  const out = tensor(a.rows, b.cols)
  for (let i = 0; i < a.rows; i++) {
    const row = out.data.subarray(i * b.cols, (i + 1) * b.cols)
    for (let k = 0; k < a.cols; k++) {
      const left = a.data[i * a.cols + k]
      const right = k * b.cols
      for (let j = 0; j < b.cols; j++) row[j] += fround(left * b.data[right + j])
    }
  }
  return out
}
const productT = (a, b) => product(transpose(a), b)

const sumOfRows = (a) => {
  const out = tensor(1, a.cols)
  for (let i = 0; i < a.data.length; i++) out.data[i % a.cols] += a.data[i]
  return out
}

// [ar-sum]
const laneSum = (n, term) => {
  const lanes = new Float32Array(4)
  for (let j = 0; j < n; j++) lanes[j & 3] += term(j)
  return fround(fround(lanes[0] + lanes[1]) + fround(lanes[2] + lanes[3]))
}
const rowSquares = (a, i) => laneSum(a.cols, (j) => fround(a.data[i * a.cols + j] * a.data[i * a.cols + j]))
const frobenius = (a) => {
  let total = 0
  for (let i = 0; i < a.rows; i++) total = fround(total + rowSquares(a, i))
  return fround(sqrt(total))
}
const finite = (a) => a.data.every(Number.isFinite)

// ---- Elementary functions, on binary32 numbers ------------------------------------------------------------------------

const word = new DataView(new ArrayBuffer(4))
const fromBits = (bits) => (word.setUint32(0, bits), word.getFloat32(0))
const toBits = (x) => (word.setFloat32(0, x), word.getUint32(0))
const list = (text) => text.split(' ').map((digits) => fromBits(parseInt(digits, 16)))
const horner = (coefficients, x) => {
  let s = coefficients[0]
  for (let i = 1; i < coefficients.length; i++) s = fround(fround(s * x) + coefficients[i])
  return s
}

const [LOG2_E, ROUNDER, LN2_HIGH, LN2_LOW] = list('3fb8aa3b 4b400000 3f318000 b95e8083')
const EXP = list('39506967 3ab743ce 3c088908 3d2aa9c1 3e2aaaaa 3f000000')
const LOG = list('3d9021bb bdebd1b8 3def251a bdfe5d4f 3e11e9bf be2aae50 3e4cceac be7ffffc 3eaaaaaa')
const TANH = list('bbbaf0ea 3ca9134e bd5c1e2d 3e088393 beaaaa99')
const [LTANH_OUT, LTANH_IN] = list('3fdba29c 3f2aaaab')

// [ar-exp]
const exp = (x) => {
  if (Number.isNaN(x)) return NaN
  const b = Math.min(Math.max(x, -104), 89)
  const n = fround(fround(fround(b * LOG2_E) + ROUNDER) - ROUNDER)
  const h = fround(b - fround(n * LN2_HIGH))
  const s = fround(n * LN2_LOW)
  const r = fround(h - s)
  const v = fround(horner(EXP, r) * fround(r * r))
  const u = fround(1 + r)
  const lost = fround(fround(r - fround(u - 1)) + fround(fround(h - r) - s))
  const y = fround(u + fround(v + lost))
  const k = floor(n / 2)
  return fround(fround(y * 2 ** k) * 2 ** (n - k))
}

// [ar-log]
const log = (x) => {
  if (x === 0) return -Infinity
  if (x === Infinity) return Infinity
  if (!(x > 0)) return NaN
  const small = x < 2 ** -126
  const i = toBits(small ? fround(x * 2 ** 23) : x) - 0x3f3504f3
  const k = floor(i / 2 ** 23) - (small ? 23 : 0)
  const m = fromBits(i - floor(i / 2 ** 23) * 2 ** 23 + 0x3f3504f3)
  const f = fround(m - 1)
  const q = fround(f * f)
  const w = fround(fround(horner(LOG, f) * f) * q)
  const l = fround(w + fround(k * LN2_LOW))
  return fround(fround(f + fround(l - fround(0.5 * q))) + fround(k * LN2_HIGH))
}

// [ar-tanh]
const tanh = (x) => {
  if (Number.isNaN(x)) return NaN
  const a = abs(x)
  const q = fround(a * a)
  const size =
    a < 0.625 ? fround(fround(fround(horner(TANH, q) * q) * a) + a) : fround(1 - fround(2 / fround(exp(fround(2 * a)) + 1)))
  return x < 0 || Object.is(x, -0) ? -size : size
}

// [ar-sigmoid]
const sigmoid = (x) => {
  if (Number.isNaN(x)) return NaN
  const e = exp(-abs(x))
  const one = fround(1 + e)
  return x >= 0 ? fround(1 / one) : fround(e - fround(e * fround(e / one)))
}

// [ar-softmax]
const softmax = (a) => {
  const out = tensor(a.rows, a.cols)
  for (let i = 0; i < a.rows; i++) {
    const row = a.data.subarray(i * a.cols, (i + 1) * a.cols)
    let largest = row[0]
    for (const x of row) if (x > largest || Number.isNaN(x)) largest = x
    if (row.some(Number.isNaN)) largest = NaN
    const e = Float32Array.from(row, (x) => exp(fround(x - largest)))
    const sum = laneSum(a.cols, (j) => e[j])
    for (let j = 0; j < a.cols; j++) out.data[i * a.cols + j] = e[j] / sum
  }
  return out
}

const sign = (a) => (Number.isNaN(a) ? NaN : a > 0 ? 1 : a < 0 ? -1 : 0)

// [ar-units], without `stochastic`
const UNITS = {
  tanh,
  sigmoid,
  relu: (a) => (Number.isNaN(a) ? NaN : a > 0 ? a : 0),
  relu6: (a) => (Number.isNaN(a) ? NaN : a > 6 ? 6 : a > 0 ? a : 0),
  ltanh: (a) => fround(LTANH_OUT * tanh(fround(LTANH_IN * a))),
  sign,
  step: (a) => (Number.isNaN(a) ? NaN : a >= 0 ? 1 : 0),
  identity: (a) => a,
}

// [ar-philox]: the two words of a 64-bit product are made from halves, as binary64 has only 53 bits.
const high = (a, b) => Number((BigInt(a) * BigInt(b)) >> 32n)
const philox = (counter, key) => {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    const h0 = high(0xd2511f53, c0)
    const l0 = Math.imul(0xd2511f53, c0) >>> 0
    const h1 = high(0xcd9e8d57, c2)
    const l1 = Math.imul(0xcd9e8d57, c2) >>> 0
    ;[c0, c1, c2, c3] = [(h1 ^ c1 ^ k0) >>> 0, l1, (h0 ^ c3 ^ k1) >>> 0, l0]
    k0 = (k0 + 0x9e3779b9) >>> 0
    k1 = (k1 + 0xbb67ae85) >>> 0
  }
  return [c0, c1, c2, c3]
}

// [ar-key], [ar-uniform]; what is beyond 32 bits is divided, not shifted
const upper = (i) => floor(i / 2 ** 32)
const keyOf = (seed) => [seed % 2 ** 32, upper(seed)]
const split = (key, i) => philox([i % 2 ** 32, upper(i), 0, 0xffffffff], key).slice(0, 2)
const wordOf = (key, i) => {
  const j = floor(i / 4)
  return philox([j % 2 ** 32, upper(j), 0, 0], key)[i % 4]
}
const unitInterval = (w) => floor(w / 256) / 2 ** 24

// [ar-normal], of deviation 1
const [SPLIT_AT, NEAR, FAR] = list('3ed9999a 3e38f5c3 3fcccccd')
const NORMAL = {
  near: [list('426c7000 431f4a88 4249bcb2 4058c6c8'), list('42866008 429d83f9 418f294f 3f800000')],
  far: [list('3e2e52ed 3fa742e1 40306faa 3fb63331'), list('3df6315c 3f3cac24 3f800000')],
}
const ratio = ([over, under], r) => fround(horner(over, r) / horner(under, r))
const normal = (w) => {
  const u = (floor(w / 512) + 0.5) / 2 ** 23
  const q = u - 0.5
  if (abs(q) <= SPLIT_AT) return fround(q * ratio(NORMAL.near, fround(NEAR - fround(q * q))))
  const z = ratio(NORMAL.far, fround(fround(sqrt(-log(q < 0 ? u : 1 - u))) - FAR))
  return q < 0 ? -z : z
}

// [ar-stochastic]
const stochastic = (a, level, stage, { t, key }) => {
  const out = tensor(a.rows, a.cols)
  for (let i = 0; i < a.rows; i++) {
    let words = []
    for (let j = 0; j < a.cols; j++) {
      if (j % 4 === 0) words = philox([j / 4, i, 65536 * stage + level, t % 2 ** 32], key)
      const x = a.data[i * a.cols + j]
      const u = unitInterval(words[j % 4])
      out.data[i * a.cols + j] = Number.isNaN(x) ? NaN : u < sigmoid(x) ? 1 : 0
    }
  }
  return out
}

// f of [A2], [C3] and [P1]
const respond = (cx, a, level, stage) =>
  cx.config.activation === 'stochastic' ? stochastic(a, level, stage, cx) : map(a, UNITS[cx.config.activation])

// ---- Configuration [cf-fields] ----------------------------------------------------------------------------------------

const record = (value, what) => {
  check(typeof value === 'object' && value !== null && !Array.isArray(value), `${what} has to be a record`)
  return value
}
const whole = (value, least, most, what) => {
  check(Number.isInteger(value) && value >= least && value <= most, `${what} has to be a whole number from ${least} to ${most}`)
  return value
}
const bits = (value, what) => {
  check(typeof value === 'string' && /^[0-9a-f]{8}$/.test(value), `${what} has to be eight lowercase hexadecimal digits`)
  return fromBits(parseInt(value, 16))
}

const oneOf = (...names) => [
  (value, what) => (check(names.includes(value), `${what} must not be ${JSON.stringify(value)}`), value),
]
// Numbers that are not whole by their kind: bits in a request, decimal in a checkpoint.
const decimal = (value, what) => {
  check(typeof value === 'number', `${what} has to be a number`)
  return fround(value)
}
const real = (allowed = () => true) => [
  (value, what, number) => {
    const x = number(value, what)
    check(Number.isFinite(x) && allowed(x), `${what} must not be ${x}`)
    return x + 0 // -0 is read as +0
  },
]
const wholeFrom = (least, most) => [(value, what) => whole(value, least, most, what)]
const belowOne = (x) => x >= 0 && x < 1
const notNegative = (x) => x >= 0
const later = ([read], unsaid) => [read, unsaid] // [cf-later]: may be left out

const ACTIVATIONS = [...Object.keys(UNITS), 'stochastic']
const OUTPUTS = ['softmax', 'sigmoid', 'identity']
const MOMENTS = { sgd: [], momentum: ['first'], nesterov: ['first'], adam: ['first', 'second'], rmsprop: ['second'] } // [op-state]

const FIELDS = {
  units: [
    (value, what) => {
      check(Array.isArray(value) && value.length >= 2 && value.length <= 65536, `${what} has to be a list of 2 to 65536`)
      return value.map((n, i) => whole(n, 1, 2 ** 24, `${what}[${i}]`))
    },
  ],
  activation: oneOf(...ACTIVATIONS),
  output: oneOf(...OUTPUTS),
  hiddenPrediction: oneOf('identity', 'activation'),
  topDownSignal: oneOf('correction', 'error'),
  errorRule: oneOf('transposed', 'temporal'),
  gamma: real(),
  presynaptic: oneOf('corrected', 'uncorrected'),
  beta: real(),
  alpha: real(),
  lambda: real(),
  passes: wholeFrom(1, 32767),
  biases: oneOf(true, false),
  clip: real(),
  clipOrder: oneOf('clip-mean', 'mean-clip'),
  mean: oneOf('all', 'active'),
  optimizer: oneOf(...Object.keys(MOMENTS)),
  rate: real(),
  momentum: real(),
  beta1: real(belowOne),
  beta2: real(belowOne),
  decay: real(belowOne),
  epsilon: real(notNegative),
  update: oneOf('step', 'sequence'),
  maxNorm: real(notNegative),
  weightScale: real(notNegative),
  learnFrom: wholeFrom(0, 2 ** 32 - 2),
  correctionSignal: later(oneOf('state', 'drive'), 'state'),
  window: later(real(), 0),
  errorStart: later(oneOf('independent', 'transposed'), 'independent'),
  weightDecay: later(real(belowOne), 0),
  rateFanIn: later(real(notNegative), 0),
}

const LATER = Object.keys(FIELDS).filter((name) => FIELDS[name][1] !== undefined)

const readConfig = (value, number = bits) => {
  record(value, 'config')
  for (const name of Object.keys(value)) check(Object.hasOwn(FIELDS, name), `config has no field "${name}"`)
  const config = {}
  for (const [name, [read, unsaid]] of Object.entries(FIELDS)) {
    const said = Object.hasOwn(value, name)
    check(said || unsaid !== undefined, `config lacks "${name}"`)
    config[name] = said ? read(value[name], name, number) : unsaid
  }
  return config
}

// [wt-shapes], layer by layer
const weightsOf = ({ units, biases }) => {
  const weights = []
  const top = units.length - 1
  for (let l = 1; l <= top; l++) {
    const [below, own] = [units[l - 1], units[l]]
    const put = (kind, index, rows, cols) => weights.push({ name: `${kind}_${index}`, kind, index, layer: l, rows, cols })
    put('W', l, own, below)
    put('E', l, below, own)
    put('M', l, below, own)
    put('V', l, own, own)
    if (l < top) put('U', l, units[l + 1], own)
    if (biases) put('b', l, 1, own)
    if (biases) put('c', l - 1, 1, below)
  }
  return weights
}

// ---- Equations ----------------------------------------------------------------------------------------------------

// The names that an equation reads [pr-reads]. `a` and `z` are those after pass k, before the first where k is 0.
const zBefore = (l) => (l === 0 ? 'x[t-1]' : `z_${l}[t-1]`)
const yBefore = (l) => (l === 0 ? 'x[t-1]' : `y_${l}[t-1]`)
const aName = (l, k) => (k === 0 ? `A1.a_${l}` : `C3.a_${l}^${k}`)
const zName = (l, k) => (l === 0 ? 'x' : k === 0 ? `A2.z_${l}` : `C3.z_${l}^${k}`)
const RULE = { W: 'L1', E: 'L2', M: 'L3', V: 'L4', U: 'L5', b: 'L6', c: 'L6' }
const presynaptic = ({ config }, l) => (config.presynaptic === 'corrected' ? yBefore(l) : zBefore(l))

// [O1]
const clipped = (d, { clip }) => {
  const norm = frobenius(d)
  return clip > 0 && norm > clip ? map(d, (x) => fround(x * clip) / norm) : d
}

const updateRules = {
  W({ read, config }, l) {
    const after = l === 1 ? 'C1.e_0^1' : config.topDownSignal === 'correction' ? `C4.d_${l - 1}` : `C1.e_${l - 1}^1`
    return productT(read(`A2.z_${l}`), read(after))
  },
  E({ read, config }, l) {
    if (config.errorRule === 'transposed') {
      const dW = read(`L1.dW_${l}`)
      return scale(transpose(config.clipOrder === 'clip-mean' ? clipped(dW, config) : dW), config.gamma)
    }
    const change = subtract(read(`C4.d_${l}`), read(`d_${l}[t-1]`))
    return scale(productT(read(`C1.e_${l - 1}^1`), change), -config.gamma)
  },
  M: (cx, l) => productT(cx.read(presynaptic(cx, l - 1)), cx.read(`C4.d_${l}`)),
  V: (cx, l) => productT(cx.read(presynaptic(cx, l)), cx.read(`C4.d_${l}`)),
  U: (cx, l) => productT(cx.read(presynaptic(cx, l + 1)), cx.read(`C4.d_${l}`)),
  b: ({ read }, l) => sumOfRows(read(`C4.d_${l}`)),
  c: ({ read }, l) => sumOfRows(read(`C1.e_${l}^1`)),
}

// [O2]
const mean = (d, mask, config) => {
  check(mask.cols === 1, 'a mask has one column')
  const n = config.mean === 'all' ? mask.rows : Math.max(1, mask.data.filter((m) => m === 1).length)
  return scale(d, fround(1 / n))
}

// What [O3] moves a weight by: the reduced update of this step, or the sum of the sequence.
const reduced = ({ read, has, config }, weight) => {
  if (config.update === 'step') return read(`${config.clipOrder === 'clip-mean' ? 'O2' : 'O1'}.d${weight}`)
  return read(has(`sq-update.sum.${weight}`) ? `sq-update.sum.${weight}` : `sum.${weight}`)
}

// [op-rate]
const rateOf = ({ rate, rateFanIn }, weight, rows) => {
  const whole = weight === 'M_1' || /^[bc]/.test(weight) || rateFanIn === 0 || !(rateFanIn < rows)
  return whole ? rate : fround(rate * fround(rateFanIn / rows))
}

const moment = (which) => (cx, weight) => {
  const { momentum, beta1, beta2, decay, optimizer } = cx.config
  const d = reduced(cx, weight)
  const old = cx.read(`${which}.${weight}`)
  if (which === 'second') {
    const keep = optimizer === 'adam' ? beta2 : decay
    const rest = fround(1 - keep)
    return map2(old, d, (s, x) => fround(keep * s) + fround(rest * fround(x * x)))
  }
  if (optimizer !== 'adam') return map2(old, d, (v, x) => fround(momentum * v) + x)
  const rest = fround(1 - beta1)
  return map2(old, d, (s, x) => fround(beta1 * s) + fround(rest * x))
}

const scalar = (a) => {
  check(a.rows === 1 && a.cols === 1, 'a number by itself is 1 x 1')
  return a.data[0]
}

// [O3], the last line of each optimiser
const moved = (cx, weight) => {
  const { config, read } = cx
  const d = reduced(cx, weight)
  const w = read(weight)
  const rate = rateOf(config, weight, w.rows)
  const first = MOMENTS[config.optimizer].includes('first') ? read(`O3.first.${weight}`) : undefined
  const second = MOMENTS[config.optimizer].includes('second') ? read(`O3.second.${weight}`) : undefined
  for (const other of [d, first, second]) if (other !== undefined) sameShape(w, other)
  switch (config.optimizer) {
    case 'sgd':
      return map2(w, d, (x, g) => x - fround(rate * g))
    case 'momentum':
      return map2(w, first, (x, v) => x - fround(rate * v))
    case 'nesterov':
      return subtract(
        w,
        map2(d, first, (g, v) => fround(rate * g) + fround(rate * fround(config.momentum * v))),
      )
    case 'rmsprop':
      return subtract(
        w,
        map2(d, second, (g, q) => fround(rate * g) / fround(fround(sqrt(q)) + config.epsilon)),
      )
    case 'adam': {
      const by1 = fround(1 / fround(1 - scalar(read('op-state.power1'))))
      const by2 = fround(1 / fround(1 - scalar(read('op-state.power2'))))
      const move = (s, q) => fround(rate * fround(s * by1)) / fround(fround(sqrt(fround(q * by2))) + config.epsilon)
      return subtract(w, map2(first, second, move))
    }
  }
}

// [O4]
const projected = (w, { maxNorm }) => {
  const out = map(w, (x) => x)
  if (!(maxNorm > 0)) return out
  for (let i = 0; i < w.rows; i++) {
    const norm = fround(sqrt(rowSquares(w, i)))
    if (!(norm > maxNorm)) continue
    for (let j = i * w.cols; j < (i + 1) * w.cols; j++) out.data[j] = fround(w.data[j] * maxNorm) / norm
  }
  return out
}

// [S5]: the losses of the active rows, in ascending order
const score = ({ read }, ofRow) => {
  const [p, x, m] = [read('P1.p_0^1'), read('x'), read('m')]
  sameShape(p, x)
  check(m.cols === 1 && m.rows === p.rows, 'a mask has one column, and a row for each row')
  const row = (a, i) => a.data.subarray(i * a.cols, (i + 1) * a.cols)
  let sum = 0
  for (let i = 0; i < p.rows; i++) if (m.data[i] === 1) sum = fround(sum + ofRow(row(p, i), row(x, i)))
  return number(sum)
}
const TINY = fromBits(0x322bcc77)
const logOf = (p) => log(p <= 0 ? TINY : p)
const loss = {
  softmax: (p, x) => -laneSum(p.length, (j) => fround(x[j] * logOf(p[j]))),
  sigmoid: (p, x) =>
    -laneSum(p.length, (j) => fround(fround(x[j] * logOf(p[j])) + fround(fround(1 - x[j]) * logOf(fround(1 - p[j]))))),
  identity: (p, x) => {
    const u = map2({ rows: 1, cols: p.length, data: p }, { rows: 1, cols: p.length, data: x }, (a, b) => a - b).data
    return fround(0.5 * laneSum(p.length, (j) => fround(u[j] * u[j])))
  },
}
const firstLargest = (row) => {
  let best = 0
  for (let j = 1; j < row.length; j++) if (row[j] > row[best]) best = j
  return best
}

const power = (which, factor) => (cx) => number(scalar(cx.read(which)) * cx.config[factor])

// Each equation: the form of its name, where a configuration has it, and how it is computed. In a form, l is a layer,
// i the level below it, k a pass, and w a weight.
const isLayer = ({ config }, l) => l >= 1 && l < config.units.length
const isBelow = ({ config }, i) => i >= 0 && i < config.units.length - 1
const isPass = ({ config }, k) => k >= 1 && k <= config.passes
const layerPass = (cx, l, k) => isLayer(cx, l) && isPass(cx, k)
const belowPass = (cx, i, k) => isBelow(cx, i) && isPass(cx, k)
const isMatrix = (cx, w) => cx.weightNames.has(w) && !/^[bc]/.test(w)

const EQUATIONS = {
  'A1.a_l': [
    isLayer,
    ({ read, config }, l) => {
      let a = product(read(yBefore(l - 1)), read(`M_${l}`))
      if (l < config.units.length - 1) a = add(a, product(read(yBefore(l + 1)), read(`U_${l}`)))
      a = add(a, product(read(yBefore(l)), read(`V_${l}`)))
      return config.biases ? addToRows(a, read(`b_${l}`)) : a
    },
  ],
  'A2.z_l': [isLayer, (cx, l) => respond(cx, cx.read(`A1.a_${l}`), l, 0)],
  'P1.logits_i^k': [
    belowPass,
    ({ read, config }, i, k) => {
      const logits = product(read(zName(i + 1, k - 1)), read(`W_${i + 1}`))
      return config.biases ? addToRows(logits, read(`c_${i}`)) : logits
    },
  ],
  'P1.p_i^k': [
    belowPass,
    (cx, i, k) => {
      const logits = cx.read(`P1.logits_${i}^${k}`)
      if (i > 0) return cx.config.hiddenPrediction === 'activation' ? respond(cx, logits, i, 32768 + k) : logits
      const { output } = cx.config
      return output === 'softmax' ? softmax(logits) : output === 'sigmoid' ? map(logits, sigmoid) : logits
    },
  ],
  'C1.e_i^k': [belowPass, ({ read }, i, k) => timesMask(read('m'), subtract(read(`P1.p_${i}^${k}`), read(zName(i, k - 1))))],
  'C2.h_l^k': [
    layerPass,
    ({ read, config }, l, k) => {
      let h = product(read(`C1.e_${l - 1}^${k}`), read(`E_${l}`))
      if (l < config.units.length - 1) h = map2(h, read(`C1.e_${l}^${k}`), (x, e) => x - fround(config.alpha * e))
      return map2(h, read(aName(l, k - 1)), (x, a) => x + fround(config.lambda * sign(a)))
    },
  ],
  'C3.a_l^k': [
    layerPass,
    ({ read, config }, l, k) => map2(read(aName(l, k - 1)), read(`C2.h_${l}^${k}`), (a, h) => a - fround(config.beta * h)),
  ],
  'C3.z_l^k': [layerPass, (cx, l, k) => respond(cx, cx.read(`C3.a_${l}^${k}`), l, k)],
  'C4.d_l': [
    isLayer,
    ({ read, config }, l) => {
      const { correctionSignal, passes, window } = config
      if (correctionSignal === 'state') return timesMask(read('m'), subtract(read(`A2.z_${l}`), read(zName(l, passes))))
      const within = (a) => !(window > 0) || abs(a) < window
      return timesMask(
        read('m'),
        map2(read(`A1.a_${l}`), read(aName(l, passes)), (a, last) => (within(a) ? a - last : 0)),
      )
    },
  ],
  'L.dw': [(cx, w) => cx.weightNames.has(w), (cx, w) => updateRules[w[0]](cx, Number(w.slice(2)))],
  'S1.loss': [({ config }) => config.output === 'softmax', (cx) => score(cx, loss.softmax)],
  'S2.loss': [({ config }) => config.output === 'sigmoid', (cx) => score(cx, loss.sigmoid)],
  'S3.loss': [({ config }) => config.output === 'identity', (cx) => score(cx, loss.identity)],
  'S4.correct': [
    ({ config }) => config.output === 'softmax',
    (cx) => score(cx, (p, x) => (firstLargest(p) === firstLargest(x) ? 1 : 0)),
  ],
  'O1.dw': [
    (cx, w) => cx.weightNames.has(w),
    ({ read, config }, w) => clipped(read(`${config.clipOrder === 'clip-mean' ? RULE[w[0]] : 'O2'}.d${w}`), config),
  ],
  'O2.dw': [
    (cx, w) => cx.weightNames.has(w),
    ({ read, config }, w) => mean(read(`${config.clipOrder === 'clip-mean' ? 'O1' : RULE[w[0]]}.d${w}`), read('m'), config),
  ],
  'sq-update.sum.w': [
    (cx, w) => cx.config.update === 'sequence' && cx.weightNames.has(w),
    ({ read, has, config }, w) => {
      const d = read(`${config.clipOrder === 'clip-mean' ? 'O2' : 'O1'}.d${w}`)
      return has(`sum.${w}`) ? add(read(`sum.${w}`), d) : d
    },
  ],
  'op-state.power1': [() => true, power('power1', 'beta1')],
  'op-state.power2': [() => true, power('power2', 'beta2')],
  'O3.first.w': [(cx, w) => cx.moments.includes('first') && cx.weightNames.has(w), moment('first')],
  'O3.second.w': [(cx, w) => cx.moments.includes('second') && cx.weightNames.has(w), moment('second')],
  'O3.w': [(cx, w) => cx.weightNames.has(w), moved],
  'O5.w': [
    (cx, w) => cx.config.weightDecay > 0 && isMatrix(cx, w),
    ({ read, config }, w) => map(read(`O3.${w}`), (x) => x - fround(config.weightDecay * x)),
  ],
  'O4.w': [isMatrix, ({ read, config }, w) => projected(read(`${config.weightDecay > 0 ? 'O5' : 'O3'}.${w}`), config)],
}

// Takes a name apart: `C2.h_1^2` is the form `C2.h_l^k` with 1 and 2. Undefined where there is no such form.
const WEIGHT = '([WEMVUbc]_(?:0|[1-9]\\d*))'
const INDEX = '(0|[1-9]\\d{0,7})'
const PATTERNS = Object.entries(EQUATIONS).map(([form, [exists, compute]]) => {
  const pattern = form
    .replaceAll('.', '\\.')
    .replace('^k', `\\^${INDEX}`)
    .replace(/_[li]/, `_${INDEX}`)
    .replace(/(\.d?)w$/, `$1${WEIGHT}`)
    .replace(/^L\\/, 'L[1-6]\\')
  return { pattern: new RegExp(`^${pattern}$`), form, exists, compute }
})
const equationOf = (cx, name) => {
  for (const { pattern, form, exists, compute } of PATTERNS) {
    const found = pattern.exec(name)
    if (found === null) continue
    const places = found.slice(1).map((text) => (/^\d/.test(text) ? Number(text) : text))
    if (form === 'L.dw' && RULE[places[0][0]] !== name.slice(0, 2)) return undefined
    return exists(cx, ...places) ? () => compute(cx, ...places) : undefined
  }
  return undefined
}

// What equations see: the configuration, t and key for stochastic units, and the tensors by name.
const context = (config, t, key, tensors) => {
  const cx = { config, t, key, weights: weightsOf(config), moments: MOMENTS[config.optimizer] }
  cx.weightNames = new Set(cx.weights.map((weight) => weight.name))
  cx.has = (name) => tensors.has(name)
  cx.read = (name) => {
    check(tensors.has(name), `${name} is missing`)
    return tensors.get(name)
  }
  return cx
}

// ---- The step -------------------------------------------------------------------------------------------------------

const upTo = (first, last) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

// Runs one step [A1] .. [O4]. `state`, `model` and what it returns are made anew, never changed. `onResult` is told each result.
const step = (config, model, state, input, train, onResult) => {
  const top = config.units.length - 1
  const [layers, below] = [upTo(1, top), upTo(0, top - 1)]
  const tensors = new Map([
    ...model.weights,
    ...model.moments,
    ...model.sum,
    ['x', input.x],
    ['m', input.mask],
    ['x[t-1]', state.x],
  ])
  for (const l of layers) for (const s of ['y', 'z', 'd']) tensors.set(`${s}_${l}[t-1]`, state[s][l - 1])
  tensors.set('power1', number(model.power1)).set('power2', number(model.power2))
  const cx = context(config, state.t, state.key, tensors)

  const evaluate = (name) => {
    const value = equationOf(cx, name)()
    tensors.set(name, value)
    onResult(name, value)
    return value
  }
  const diverged = (equation, layer) => new Refusal('diverged', `${equation} of ${layer} is not finite`, { equation, layer })

  // The first result of the list of [ar-finite] that is not finite; it counts only if the prediction or the state is not.
  let suspect
  const watched = (name, layer) => {
    const value = evaluate(name)
    if (suspect === undefined && !finite(value)) suspect = diverged(name.slice(0, 2), layer)
    return value
  }
  for (const l of layers) watched(`A1.a_${l}`, l)
  for (const l of layers) watched(`A2.z_${l}`, l)
  for (let k = 1; k <= config.passes; k++) {
    for (const i of below) evaluate(`P1.logits_${i}^${k}`)
    for (const i of below) watched(`P1.p_${i}^${k}`, i)
    for (const i of below) watched(`C1.e_${i}^${k}`, i)
    for (const l of layers) watched(`C2.h_${l}^${k}`, l)
    for (const l of layers) watched(`C3.a_${l}^${k}`, l)
    for (const l of layers) watched(`C3.z_${l}^${k}`, l)
    // Later passes read only the one before; what learns reads e of the first.
    for (const l of layers) {
      const gone = [`P1.logits_${l - 1}^${k}`, `C2.h_${l}^${k}`, `C3.a_${l}^${k - 1}`, `C3.z_${l}^${k - 1}`]
      if (k > 1) gone.push(`P1.p_${l - 1}^${k}`, `C1.e_${l - 1}^${k}`)
      for (const name of gone) tensors.delete(name)
    }
  }
  const d = layers.map((l) => watched(`C4.d_${l}`, l))
  const z = layers.map((l) => cx.read(`A2.z_${l}`))
  const y = layers.map((l) => cx.read(`C3.z_${l}^${config.passes}`))
  const out = cx.read('P1.p_0^1')
  if (![out, ...y, ...z, ...d].every(finite)) throw suspect

  const scored = state.t >= config.learnFrom
  const learns = train && scored
  if (learns) {
    for (const rule of ['L1', 'L2', 'L3', 'L4', 'L5', 'L6']) {
      for (const weight of cx.weights) {
        if (RULE[weight.kind] === rule && !finite(evaluate(`${rule}.d${weight.name}`))) throw diverged(rule, weight.layer)
      }
    }
  }
  if (scored) {
    const clause = { softmax: 'S1', sigmoid: 'S2', identity: 'S3' }[config.output]
    if (!finite(evaluate(`${clause}.loss`))) throw diverged(clause, 0)
    if (config.output === 'softmax') evaluate('S4.correct')
  }
  const next = apply(cx, model, learns, train && input.end, evaluate)
  for (const { name, layer } of cx.weights) {
    const parts = [next.weights.get(name), next.tried.get(name), ...cx.moments.map((m) => next.moments.get(`${m}.${name}`))]
    if (!parts.every((part) => part === undefined || finite(part))) throw diverged('O3', layer)
  }
  return { out, model: next, state: { t: state.t + 1, key: state.key, x: input.x, y, z, d } }
}

// [O1] to [O5] and [sq-update]. `tried` holds the sums of this step, also where they are used up.
const apply = (cx, model, learns, ends, evaluate) => {
  const { config, weights, moments } = cx
  const next = { ...model, tried: new Map() }
  const bySequence = config.update === 'sequence'
  if (learns) {
    const order = config.clipOrder === 'clip-mean' ? ['O1', 'O2'] : ['O2', 'O1']
    for (const { name } of weights) {
      for (const clause of order) evaluate(`${clause}.d${name}`)
      if (bySequence) next.tried.set(name, evaluate(`sq-update.sum.${name}`))
    }
    if (bySequence) next.sum = new Map([...next.tried].map(([name, value]) => [`sum.${name}`, value]))
  }
  if (!(bySequence ? ends && next.sum.size > 0 : learns)) return next
  next.power1 = evaluate('op-state.power1').data[0]
  next.power2 = evaluate('op-state.power2').data[0]
  next.moments = new Map()
  next.weights = new Map()
  next.sum = new Map()
  for (const { name } of weights) {
    for (const m of moments) next.moments.set(`${m}.${name}`, evaluate(`O3.${m}.${name}`))
    let w = evaluate(`O3.${name}`)
    if (config.weightDecay > 0 && isMatrix(cx, name)) w = evaluate(`O5.${name}`)
    if (isMatrix(cx, name)) w = evaluate(`O4.${name}`)
    next.weights.set(name, w)
  }
  return next
}

// [st-start]
const begin = (config, key, rows) => {
  const zeros = () => config.units.slice(1).map((n) => tensor(rows, n))
  return { t: 0, key, x: tensor(rows, config.units[0]), y: zeros(), z: zeros(), d: zeros() }
}

// ---- Requests ---------------------------------------------------------------------------------------------------------

// [pr-tensor]
const readTensor = (value, what) => {
  record(value, what)
  const { s, x } = value
  check(Array.isArray(s) && s.length === 2, `the shape of ${what} has to be two numbers`)
  const [rows, cols] = s.map((n) => whole(n, 1, MAX_LINE, `the shape of ${what}`))
  check(typeof x === 'string' && /^[0-9a-f]*$/.test(x), `${what} has to be lowercase hexadecimal digits`)
  check(x.length === 8 * rows * cols, `${what} is ${rows} x ${cols}, so it has to have ${8 * rows * cols} digits`)
  const bytes = Buffer.from(x, 'hex')
  const out = tensor(rows, cols)
  for (let i = 0; i < rows * cols; i++) out.data[i] = bytes.readFloatBE(4 * i)
  return out
}
const readKey = (value, what) => {
  check(Array.isArray(value) && value.length === 2, `${what} has to be two whole numbers`)
  return value.map((n) => whole(n, 0, 2 ** 32 - 1, what))
}
const readTensors = (value, what) => {
  return new Map(Object.entries(record(value, what)).map(([name, one]) => [name, readTensor(one, `${what}.${name}`)]))
}
const own = (value, name) => (Object.hasOwn(value, name) ? value[name] : undefined)
const without = (value, names) => Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))

const readState = (value) => {
  record(value, 'state')
  const t = whole(own(value, 't'), 0, LAST_T, 'state.t')
  return { t, key: readKey(own(value, 'key'), 'state.key'), tensors: readTensors(without(value, ['t', 'key']), 'state') }
}
const readOptimizer = (value) => {
  record(value, 'optimizer')
  const read = (name) => {
    const x = bits(own(value, name), `optimizer.${name}`)
    check(x >= 0 && x <= 1, `optimizer.${name} has to be from 0 to 1`)
    return x
  }
  const [power1, power2] = [read('power1'), read('power2')]
  return { power1, power2, tensors: readTensors(without(value, ['power1', 'power2']), 'optimizer') }
}
const readInput = (value, what) => {
  record(value, what)
  const input = { x: readTensor(own(value, 'x'), `${what}.x`), mask: readTensor(own(value, 'mask'), `${what}.mask`), end: false }
  if (Object.hasOwn(value, 'begin')) input.begin = readKey(value.begin, `${what}.begin`)
  if (Object.hasOwn(value, 'end')) input.end = value.end
  check(typeof input.end === 'boolean', `${what}.end has to be true or false`)
  return input
}

// Each of `names` has to be there, each of `others` may be, and nothing else.
const namesAre = (tensors, what, names, others = []) => {
  for (const name of names) check(tensors.has(name), `${what} lacks ${name}`)
  const known = new Set([...names, ...others])
  for (const name of tensors.keys()) check(known.has(name), `${what} has no ${name}`)
}
const fits = (a, rows, cols, what) => {
  check(a.rows === rows && a.cols === cols, `${what} has to be ${rows} x ${cols}, not ${a.rows} x ${a.cols}`)
  check(finite(a), `${what} has to be finite`)
}

// Weights and optimiser, held against the configuration. A sum is read only where no sequence begins.
const readModel = (config, weights, optimizer, begins) => {
  const all = weightsOf(config)
  const moments = MOMENTS[config.optimizer]
  const momentNames = all.flatMap(({ name }) => moments.map((m) => `${m}.${name}`))
  const sumNames = config.update === 'sequence' ? all.map(({ name }) => `sum.${name}`) : []
  namesAre(
    weights,
    'weights',
    all.map(({ name }) => name),
  )
  namesAre(optimizer.tensors, 'optimizer', momentNames, sumNames)
  for (const { name, rows, cols } of all) fits(weights.get(name), rows, cols, name)
  const model = { weights, moments: new Map(), sum: new Map(), power1: optimizer.power1, power2: optimizer.power2 }
  for (const { name, rows, cols } of all) {
    for (const m of moments) {
      const value = optimizer.tensors.get(`${m}.${name}`)
      fits(value, rows, cols, `${m}.${name}`)
      model.moments.set(`${m}.${name}`, value)
    }
  }
  if (begins || !sumNames.some((name) => optimizer.tensors.has(name))) return model
  for (const { name, rows, cols } of all) {
    const value = optimizer.tensors.get(`sum.${name}`)
    check(value !== undefined, `optimizer lacks sum.${name}`)
    fits(value, rows, cols, `sum.${name}`)
    model.sum.set(`sum.${name}`, value)
  }
  return model
}

const stateNames = (config) => ['x', ...upTo(1, config.units.length - 1).flatMap((l) => [`y_${l}`, `z_${l}`, `d_${l}`])]
const fittingState = (config, { t, key, tensors }) => {
  const rows = tensors.get('x').rows
  fits(tensors.get('x'), rows, config.units[0], 'state.x')
  const signals = (symbol) =>
    config.units.slice(1).map((n, i) => {
      const value = tensors.get(`${symbol}_${i + 1}`)
      fits(value, rows, n, `state.${symbol}_${i + 1}`)
      return value
    })
  return { t, key, x: tensors.get('x'), y: signals('y'), z: signals('z'), d: signals('d') }
}

// ---- Answers ----------------------------------------------------------------------------------------------------------

const digits = (a) => {
  const bytes = Buffer.alloc(4 * a.data.length)
  for (let i = 0; i < a.data.length; i++) bytes.writeFloatBE(a.data[i], 4 * i)
  return bytes.toString('hex')
}
const written = (a) => ({ s: [a.rows, a.cols], x: digits(a) })
const writtenAll = (tensors) => Object.fromEntries([...tensors].map(([name, value]) => [name, written(value)]))
const writtenState = ({ t, key, x, y, z, d }) => {
  const out = { t, key, x: written(x) }
  y.forEach((_, i) =>
    Object.assign(out, { [`y_${i + 1}`]: written(y[i]), [`z_${i + 1}`]: written(z[i]), [`d_${i + 1}`]: written(d[i]) }),
  )
  return out
}
const writtenOptimizer = ({ power1, power2, moments, sum }) => {
  return { power1: digits(number(power1)), power2: digits(number(power2)), ...writtenAll(moments), ...writtenAll(sum) }
}

// Counts what an answer will have, so that none is collected that could not be sent.
const meter = () => {
  let left = MAX_LINE
  return (elements) => {
    left -= 8 * elements
    if (left < 0) throw new Refusal('internal', `the answer would be longer than ${MAX_LINE} bytes`)
  }
}
const size = (tensors) => tensors.reduce((sum, a) => sum + a.data.length, 0)

const answerSteps = (request) => {
  const config = readConfig(own(request, 'config'))
  const weights = readTensors(own(request, 'weights'), 'weights')
  const given = readState(own(request, 'state'))
  const optimizer = readOptimizer(own(request, 'optimizer'))
  const isRun = request.op === 'run'
  const list = isRun ? own(request, 'inputs') : [own(request, 'input')]
  check(Array.isArray(list) && list.length > 0, 'inputs has to be a list of one or more')
  const inputs = list.map((input, i) => readInput(input, isRun ? `inputs[${i}]` : 'input'))
  check(typeof own(request, 'train') === 'boolean', 'train has to be true or false')
  check(['trace', 'none'].includes(own(request, 'want')), 'want has to be "trace" or "none"')

  const begins = inputs[0].begin !== undefined
  let model = readModel(config, weights, optimizer, begins)
  namesAre(given.tensors, 'state', stateNames(config))
  let state = begins ? undefined : fittingState(config, given)
  const spend = meter()
  const steps = inputs.map((input) => {
    fits(input.x, input.x.rows, config.units[0], 'input.x')
    if (input.begin !== undefined) {
      // Before the state is made: an answer has x, y, z and d of all units.
      spend(input.x.rows * config.units.slice(1).reduce((sum, n) => sum + 3 * n, 0))
      state = begin(config, input.begin, input.x.rows)
      model = { ...model, sum: new Map() }
    }
    check(state.t <= LAST_T, `a step may not begin at t = ${state.t}`)
    fits(input.x, state.x.rows, config.units[0], 'input.x')
    fits(input.mask, state.x.rows, 1, 'input.mask')
    check(
      input.mask.data.every((m) => m === 0 || m === 1),
      'a mask holds 0 and 1 alone',
    )
    const trace = request.want === 'trace' ? {} : undefined
    const done = step(config, model, state, input, request.train, (name, value) => {
      if (trace === undefined) return
      spend(value.data.length + name.length / 8)
      trace[name] = written(value)
    })
    ;({ model, state } = done)
    spend(size([done.out, ...model.weights.values(), ...model.moments.values(), ...model.sum.values(), state.x]))
    const answer = {
      out: written(done.out),
      state: writtenState(state),
      weights: writtenAll(model.weights),
      optimizer: writtenOptimizer(model),
    }
    return trace === undefined ? answer : { ...answer, trace }
  })
  return isRun ? { steps } : steps[0]
}

const answerEquation = (request) => {
  const config = readConfig(own(request, 'config'))
  const t = whole(own(request, 't'), 0, LAST_T, 't')
  const key = readKey(own(request, 'key'), 'key')
  const inputs = record(own(request, 'inputs'), 'inputs')
  // Read as they are asked for: names that the equation does not know are ignored.
  const tensors = { has: (name) => Object.hasOwn(inputs, name), get: (name) => readTensor(inputs[name], name) }
  const name = own(request, 'equation')
  const compute = typeof name === 'string' ? equationOf(context(config, t, key, tensors), name) : undefined
  if (compute === undefined) throw unsupported(`this configuration has no ${JSON.stringify(name)}`)
  return { value: written(compute()) }
}

// ---- Parts [pr-parts] ---------------------------------------------------------------------------------------------------

// [wt-init]
const answerInit = (request) => {
  const config = readConfig(own(request, 'config'))
  const key = keyOf(whole(own(request, 'seed'), 0, LAST_WHOLE, 'seed'))
  const spend = meter()
  const all = new Map()
  for (const { name, kind, layer, rows, cols } of weightsOf(config)) {
    spend(rows * cols)
    const weight = tensor(rows, cols)
    const drawn = split(split(key, layer), 'WEMVU'.indexOf(kind))
    if ('WEMVU'.includes(kind)) {
      for (let e = 0; e < rows * cols; e++) weight.data[e] = config.weightScale * normal(wordOf(drawn, e))
    }
    all.set(name, kind === 'E' && config.errorStart === 'transposed' ? transpose(all.get(`W_${layer}`)) : weight)
  }
  return { weights: writtenAll(all) }
}

const WORD = 2 ** 32 - 1
const wholes = (value, most, what) => {
  check(Array.isArray(value) && value.length === most.length, `${what} has to be ${most.length} whole numbers`)
  return value.map((n, i) => whole(n, 0, most[i], what))
}
// By name: the largest that each word may be, and what is made of them.
const OF_WHOLE = {
  philox: [Array(6).fill(WORD), (c0, c1, c2, c3, k0, k1) => philox([c0, c1, c2, c3], [k0, k1])],
  key: [[LAST_WHOLE], keyOf],
  split: [[WORD, WORD, LAST_WHOLE], (k0, k1, i) => split([k0, k1], i)],
  word: [[WORD, WORD, LAST_WHOLE], (k0, k1, i) => [wordOf([k0, k1], i)]],
  below: [
    [WORD, WORD, WORD, LAST_WHOLE],
    (n, k0, k1, i) => {
      check(n >= 1, 'n has to be at least 1')
      return [high(wordOf([k0, k1], i), n)]
    },
  ],
}
const OF_WORD = { unit: unitInterval, normal }
const { identity: _, ...OF_NUMBER } = { exp, log, ...UNITS }

const answerFunction = (request) => {
  const name = own(request, 'name')
  const among = (table) => (typeof name === 'string' ? own(table, name) : undefined)
  if (among(OF_WHOLE)) {
    const [most, apply] = OF_WHOLE[name]
    return { words: apply(...wholes(own(request, 'words'), most, 'words')) }
  }
  if (among(OF_WORD)) {
    const words = own(request, 'words')
    check(Array.isArray(words) && words.length > 0, 'words has to be a list of one or more')
    const out = tensor(1, words.length)
    words.forEach((w, i) => (out.data[i] = OF_WORD[name](whole(w, 0, WORD, 'words'))))
    return { value: written(out) }
  }
  if (name !== 'softmax' && !among(OF_NUMBER)) throw unsupported(`there is no function ${JSON.stringify(name)}`)
  const x = readTensor(own(request, 'x'), 'x')
  return { value: written(name === 'softmax' ? softmax(x) : map(x, OF_NUMBER[name])) }
}

// ---- Checkpoints [ck-format] --------------------------------------------------------------------------------------------

// JSON.parse takes the last of two that have one name, and any number; so the text is looked through once before.
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g
const checkJson = (text, digitsAlone, what) => {
  const open = []
  let last
  for (const [token] of text.matchAll(TOKEN)) {
    const names = open.at(-1)
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':' && names) {
      const name = JSON.parse(last)
      check(!names.has(name) && name !== '__proto__', `${what} has ${name} twice`)
      names.add(name)
    } else if (digitsAlone && /^[-\d]/.test(token)) check(/^\d+$/.test(token), `${what} has a number that is not digits alone`)
    last = token
  }
}
const parse = (text, what, digitsAlone = false) => {
  check(typeof text === 'string', `${what} has to be JSON`)
  try {
    const value = JSON.parse(text)
    checkJson(text, digitsAlone, what)
    return value
  } catch (error) {
    throw error instanceof Refusal ? error : invalid(`${what} has to be JSON`)
  }
}

const splitFile = (file) => {
  check(file.length >= 8, 'a file has at least 8 bytes')
  const length = file.readBigUInt64LE(0)
  check(length <= BigInt(Math.min(file.length - 8, 100_000_000)), 'the header is longer than the file, or than it may be')
  const end = 8 + Number(length)
  let text
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.subarray(8, end))
  } catch {
    throw invalid('the header has to be UTF-8')
  }
  const { __metadata__: metadata, ...entries } = record(parse(text, 'the header', true), 'the header')
  for (const [name, value] of Object.entries(record(metadata, '__metadata__')))
    check(typeof value === 'string', `__metadata__.${name} has to be a string`)
  return { metadata, entries, data: file.subarray(end) }
}

// They have to fill the data, one after another.
const tensorsOfFile = ({ entries, data }) => {
  const spans = []
  const tensors = new Map()
  for (const [name, entry] of Object.entries(entries)) {
    const { dtype, shape, data_offsets: at } = record(entry, name)
    const most = [data.length, data.length]
    check(dtype === 'F32', `${name} has to be of type F32`)
    const [rows, cols] = wholes(shape, most, `the shape of ${name}`)
    const [from, to] = wholes(at, most, `the place of ${name}`)
    check(to - from === 4 * rows * cols, `${name} has not as many bytes as its shape says`)
    const value = tensor(rows, cols)
    for (let i = 0; i < value.data.length; i++) value.data[i] = data.readFloatLE(from + 4 * i)
    tensors.set(name, value)
    spans.push([from, to])
  }
  spans.sort(([a, b], [c, d]) => a - c || b - d)
  let end = 0
  for (const [from, to] of spans) {
    check(from === end, 'the tensors have to follow one another')
    end = to
  }
  check(end === data.length, 'the data has to end with the last tensor')
  return tensors
}

// The tensors of a group, without its name.
const groupOf = (tensors, group) =>
  new Map(
    [...tensors].filter(([name]) => name.startsWith(`${group}.`)).map(([name, value]) => [name.slice(group.length + 1), value]),
  )

const readCheckpoint = (file) => {
  const parts = splitFile(file)
  const { metadata } = parts
  check(own(metadata, 'format') === 'ptncn', 'the format has to be ptncn')
  check(['0.1.0', '0.2.0'].includes(own(metadata, 'spec')), 'the version has to be 0.1.0 or 0.2.0')
  const given = parse(own(metadata, 'config'), 'config')
  const config = readConfig(given, decimal)
  for (const name of LATER) check(metadata.spec === '0.2.0' || !Object.hasOwn(given, name), `0.1.0 has no field ${name}`)
  const tensors = tensorsOfFile(parts)
  const [weights, optimizer, signals] = ['weights', 'optimizer', 'state'].map((group) => groupOf(tensors, group))
  check(weights.size + optimizer.size + signals.size === tensors.size, 'a tensor belongs to weights, optimizer or state')
  const open = Object.hasOwn(metadata, 'state')
  check(open || (signals.size === 0 && !optimizer.has('sum.W_1')), 'without an open sequence there is no state and no sum')
  const powers = readOptimizer(parse(own(metadata, 'optimizer'), 'optimizer'))
  const model = readModel(config, weights, { ...powers, tensors: optimizer }, false)
  if (!open) return { config, model }
  const carried = readState(parse(own(metadata, 'state'), 'state'))
  namesAre(signals, 'state', stateNames(config))
  check(signals.get('x').rows >= 1, 'a state has at least one row')
  return { config, model, state: fittingState(config, { ...carried, tensors: signals }) }
}

const fileOf = ({ config, model, state }) => {
  const unsaid = LATER.filter((name) => config[name] === FIELDS[name][1])
  const metadata = {
    format: 'ptncn',
    spec: unsaid.length < LATER.length ? '0.2.0' : '0.1.0',
    config: JSON.stringify(without(config, unsaid)),
    optimizer: JSON.stringify({ power1: digits(number(model.power1)), power2: digits(number(model.power2)) }),
  }
  const tensors = []
  const add = (group, values) => values.forEach((value, name) => tensors.push([`${group}.${name}`, value]))
  add('weights', model.weights)
  add('optimizer', model.moments)
  add('optimizer', model.sum)
  if (state) {
    metadata.state = JSON.stringify({ t: state.t, key: state.key })
    tensors.push(['state.x', state.x])
    for (const symbol of ['y', 'z', 'd']) state[symbol].forEach((value, i) => tensors.push([`state.${symbol}_${i + 1}`, value]))
  }
  const header = { __metadata__: metadata }
  let end = 0
  for (const [name, { rows, cols }] of tensors) {
    header[name] = { dtype: 'F32', shape: [rows, cols], data_offsets: [end, end + 4 * rows * cols] }
    end += 4 * rows * cols
  }
  const text = Buffer.from(JSON.stringify(header))
  const padded = Buffer.concat([text, Buffer.alloc((8 - (text.length % 8)) % 8, ' ')])
  const file = Buffer.alloc(8 + padded.length + end)
  file.writeBigUInt64LE(BigInt(padded.length))
  padded.copy(file, 8)
  let at = 8 + padded.length
  for (const [, { data }] of tensors) for (const x of data) at = file.writeFloatLE(x, at)
  return file
}

const answerCheckpoint = (request) => {
  const spelt = own(request, 'bytes')
  check(
    typeof spelt === 'string' && spelt.length % 2 === 0 && /^[0-9a-f]*$/.test(spelt),
    'bytes has to be two lowercase hexadecimal digits a byte',
  )
  return { bytes: fileOf(readCheckpoint(Buffer.from(spelt, 'hex'))).toString('hex') }
}

const answerHello = ({ protocols }) => {
  if (!Array.isArray(protocols) || !protocols.includes(1)) throw unsupported('this port speaks protocol 1')
  return {
    protocol: 1,
    specs: ['0.1.0', '0.2.0'],
    port: { name: 'ptncn-javascript', version: '0.2.0', language: 'JavaScript' },
    caps: {
      layers: 65535,
      maxDims: 16777216,
      activations: ACTIVATIONS,
      outputs: OUTPUTS,
      optimizers: Object.keys(MOMENTS),
      ops: ['step', 'run', 'equation', 'init', 'function', 'checkpoint'],
      trace: 'full',
      level: 'bit',
    },
  }
}

const OPERATIONS = new Map([
  ['hello', answerHello],
  ['step', answerSteps],
  ['run', answerSteps],
  ['equation', answerEquation],
  ['init', answerInit],
  ['function', answerFunction],
  ['checkpoint', answerCheckpoint],
])
const answerTo = (request) => {
  const { id } = request
  try {
    const operation = OPERATIONS.get(request.op)
    if (operation === undefined) throw unsupported(`there is no operation ${JSON.stringify(request.op)}`)
    const line = JSON.stringify({ id, ok: true, ...operation(request) })
    if (line.length >= MAX_LINE) throw new Refusal('internal', `the answer would be longer than ${MAX_LINE} bytes`)
    return line
  } catch (error) {
    const known = error instanceof Refusal
    const what = String(error.message).slice(0, 500)
    return JSON.stringify({ id, ok: false, kind: known ? error.kind : 'internal', what, ...(known ? error.more : {}) })
  }
}

// ---- The protocol's lines ---------------------------------------------------------------------------------------------

const stop = (what) => {
  process.stderr.write(`${what}\n`)
  process.exit(1)
}

async function* linesOf(stream) {
  let parts = []
  let length = 0
  for await (const chunk of stream) {
    let from = 0
    for (let to = chunk.indexOf(10); to >= 0; to = chunk.indexOf(10, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, to)]).toString('utf8')
      parts = []
      length = 0
      from = to + 1
    }
    parts.push(chunk.subarray(from))
    length += chunk.length - from
    if (length > MAX_LINE) stop(`a line is longer than ${MAX_LINE} bytes`)
  }
}

for await (const line of linesOf(process.stdin)) {
  if (line.trim() === '') continue
  let request
  try {
    request = JSON.parse(line)
  } catch {
    stop(`not JSON: ${line.slice(0, 80)}`)
  }
  if (typeof request !== 'object' || request === null || Array.isArray(request)) stop(`not a record: ${line.slice(0, 80)}`)
  if (request.op === 'bye') break
  const answer = answerTo(request)
  await new Promise((resolve) => process.stdout.write(`${answer}\n`, resolve))
}
process.exit(0)

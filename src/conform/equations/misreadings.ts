/** What a wrong result looks like: misreadings of SPEC.md, tried one by one, and named where exactly one fits. */

import { map, transpose, type Matrix } from '../../numeric/matrix.js'
import type { Config } from '../../ptncn/config.js'
import { boundsOf } from './bounds.js'
import { exactly, type Setting } from './exact.js'
import type { Rule } from './graph.js'
import { MISROUNDINGS } from './misroundings.js'
import { sameBits, sameShape, unitsAt, type Level } from './rounding.js'

/** A wrong result with everything that was known when it was made. */
export interface Evidence {
  readonly rule: Rule
  readonly setting: Setting
  readonly known: ReadonlyMap<string, Matrix>
  readonly got: Matrix
}

/** Another reading of a rule, or undefined where it would be the same. */
interface Reading {
  readonly rule?: Rule
  readonly config?: Config
  readonly part?: readonly [name: string, value: (a: Matrix) => Matrix | undefined]
  readonly result?: (value: Matrix) => Matrix | undefined
}

type Misreading = readonly [what: string, read: (evidence: Evidence) => Reading | undefined]

const each =
  (f: (x: number) => number) =>
  (a: Matrix): Matrix =>
    map(f, a)
const square = (a: Matrix): Matrix | undefined => (a.rows === a.cols && a.rows > 1 ? transpose(a) : undefined)

/** The name of the same signal elsewhere in time, or of another in its place; K are the passes. */
const RENAMED: readonly (readonly [what: string, names: readonly (readonly [from: RegExp, to: string])[]])[] = [
  [
    'of this step in place of the step before',
    [
      [/^x\[t-1\]$/, 'x'],
      [/^y_(\d+)\[t-1\]$/, 'C3.z_$1^K'],
      [/^z_(\d+)\[t-1\]$/, 'A2.z_$1'],
      [/^d_(\d+)\[t-1\]$/, 'C4.d_$1'],
    ],
  ],
  [
    'of the step before in place of this step',
    [
      [/^x$/, 'x[t-1]'],
      [/^(?:A2|C4)\.([zd]_\d+)$/, '$1[t-1]'],
    ],
  ],
  ['z in place of y', [[/^y(_\d+\[t-1\])$/, 'z$1']]],
  [
    'y in place of z',
    [
      [/^A2\.z_(\d+)$/, 'C3.z_$1^K'],
      [/^z(_\d+\[t-1\])$/, 'y$1'],
    ],
  ],
  ['d in place of e', [[/^C1\.e_([1-9]\d*)\^1$/, 'C4.d_$1']]],
  ['e in place of d', [[/^C4\.d_(\d+)$/, 'C1.e_$1^1']]],
  ['of the last pass in place of the first', [[/^C1\.e_(\d+)\^1$/, 'C1.e_$1^K']]],
  ['the power before this update', [[/^op-state\./, '']]],
]

const PARTS = ['below', 'own', 'above', 'before', 'after', 'left', 'right', 'dBefore', 'a', 'e', 'signal', 'power1', 'power2']

const renamings: readonly Misreading[] = PARTS.flatMap((part) =>
  RENAMED.map(([what, names]): Misreading => [
    `${part === 'a' ? 'a' : `the part "${part}"`}, ${what}`,
    ({ rule, setting: { config } }) => {
      const name = rule.reads[part] ?? ''
      const [from, to] = names.find(([pattern]) => pattern.test(name)) ?? []
      if (!from) return undefined
      const other = name.replace(from, to!).replace('^K', `^${config.passes}`)
      return { rule: { ...rule, reads: { ...rule.reads, [part]: other } } }
    },
  ]),
)

const transposed: readonly Misreading[] = ['M', 'U', 'V', 'W', 'E'].map((part) => [
  `${part} transposed`,
  () => ({ part: [part, square] }),
])

/** Terms left out: the parts that a rule may lack. */
const dropped: readonly Misreading[] = ['b', 'c', 'e', 'sum'].map((part) => [
  `without the term of ${part}`,
  ({ rule }) => {
    if (!rule.reads[part]) return undefined
    const { [part]: _, ...reads } = rule.reads
    return { rule: { ...rule, reads } }
  },
])

const withConfig = (what: string, change: (config: Config) => Partial<Config>): Misreading => [
  what,
  ({ setting: { config } }) => ({ config: { ...config, ...change(config) } }),
]

const numbers: readonly Misreading[] = (['alpha', 'lambda', 'beta', 'gamma', 'rate', 'momentum', 'weightDecay'] as const).flatMap(
  (field) => [
    withConfig(`${field} with the other sign`, (config) => ({ [field]: -config[field] })),
    withConfig(`without ${field}`, () => ({ [field]: field === 'gamma' ? 1 : 0 })),
  ],
)

const switched: readonly Misreading[] = [
  withConfig('the clip left out', () => ({ clip: 0 })),
  withConfig('clipOrder read the other way', ({ clipOrder }) => ({
    clipOrder: clipOrder === 'clip-mean' ? 'mean-clip' : 'clip-mean',
  })),
  withConfig('the mean over the other rows (all, active)', ({ mean }) => ({ mean: mean === 'all' ? 'active' : 'all' })),
  withConfig('the projection left out', () => ({ maxNorm: 0 })),
  withConfig('the window left out', () => ({ window: 0 })),
  withConfig('the whole rate', () => ({ rateFanIn: 0 })),
  withConfig('correctionSignal read the other way', ({ correctionSignal }) => ({
    correctionSignal: correctionSignal === 'state' ? 'drive' : 'state',
  })),
  withConfig('hiddenPrediction read the other way', ({ hiddenPrediction }) => ({
    hiddenPrediction: hiddenPrediction === 'identity' ? 'activation' : 'identity',
  })),
]

const results: readonly Misreading[] = [
  ['the sign of the whole result flipped', () => ({ result: each((x) => -x) })],
  ['the result transposed', () => ({ result: square })],
  ['the mask forgotten', () => ({ part: ['mask', each(() => 1)] })],
  [
    'a sum in place of a mean',
    ({ rule, known }) => (rule.kind === 'mean' ? { result: () => known.get(rule.reads['d']!) } : undefined),
  ],
  [
    'a mean over the rows in place of a sum',
    ({ rule, known }) => {
      const rows = known.get('m')?.rows ?? 1
      return rule.kind === 'outer' || rule.kind === 'columns' || rule.kind === 'temporal'
        ? { result: each((x) => x / rows) }
        : undefined
    },
  ],
]

const MISREADINGS: readonly Misreading[] = [...results, ...renamings, ...transposed, ...dropped, ...numbers, ...switched]

/** Whether another reading of the rule gives what the port gave. */
const fits = ({ rule, setting, known, got }: Evidence, reading: Reading, level: Level): boolean => {
  const other = reading.rule ?? rule
  const values = new Map(Object.entries(other.reads).map(([part, name]) => [part, known.get(name)]))
  if (reading.part && values.has(reading.part[0])) values.set(reading.part[0], reading.part[1](values.get(reading.part[0])!))
  else if (reading.part) return false
  if ([...values.values()].some((value) => value === undefined)) return false
  const get = (part: string): Matrix => values.get(part)!
  const changed = { ...setting, config: reading.config ?? setting.config }
  try {
    const exact = exactly(other, get, changed)
    const value = reading.result ? reading.result(exact) : exact
    if (!value || !sameShape(value, got)) return false
    if (level === 'bit') return sameBits(value, got)
    const bounds = boundsOf(other, get, changed)
    const expected = reading.result ? { ...bounds, value } : bounds
    return Array.from(got.data).every((x, i) => unitsAt(expected, i, x) <= bounds.allowed + (reading.result ? 4 : 0))
  } catch {
    // shapes that do not go together: not this one
    return false
  }
}

/** The one misreading that fits; undefined where none does, or more than one. */
export const looksLike = (evidence: Evidence, level: Level): string | undefined => {
  // a result with few numbers fits too easily
  if (new Set(Array.from(evidence.got.data)).size < 2) return undefined
  const fitting = MISREADINGS.filter(([, read]) => {
    const reading = read(evidence)
    return reading !== undefined && fits(evidence, reading, level)
  })
  const whats = [...fitting.map(([what]) => what), ...misrounded(evidence, level)]
  return whats.length === 1 ? `${evidence.rule.equation} with ${whats[0]}` : undefined
}

/** What is a matter of rounding shows at the level `bit` alone. */
const misrounded = ({ rule, setting, known, got }: Evidence, level: Level): readonly string[] => {
  if (level === 'tol' && setting.config.activation !== 'stochastic') return []
  const get = (part: string): Matrix => known.get(rule.reads[part]!)!
  return MISROUNDINGS.flatMap(([what, wrong]) => {
    const value = wrong(rule, get, setting)
    return value && sameBits(value, got) ? [what] : []
  })
}

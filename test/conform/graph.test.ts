/** What an `equation` request brings: SPEC.md's table says what the kit's table of rules says. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesOf } from '../../src/conform/equations/graph.js'
import { encodeConfig, toHex } from '../../src/conform/port/wire.js'
import { serveLine } from '../../src/conform/reference.js'
import { config, type Config } from '../../src/ptncn/config.js'
import { readSpec } from '../support/spec.js'
import { readsByTable, readsTable } from '../support/reads.js'

const SWITCHES = {
  biases: [false, true],
  topDownSignal: ['correction', 'error'],
  errorRule: ['transposed', 'temporal'],
  presynaptic: ['corrected', 'uncorrected'],
  clipOrder: ['clip-mean', 'mean-clip'],
  update: ['step', 'sequence'],
  optimizer: ['sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'],
  output: ['softmax', 'sigmoid', 'identity'],
  passes: [1, 3],
  correctionSignal: ['state', 'drive'],
  weightDecay: [0, 0.5],
  units: [
    [2, 3],
    [2, 3, 1],
    [2, 1, 3, 2, 2],
  ],
} as const

/** Configurations in which each value of a switch stands with each value of every other one. */
const configs: readonly Config[] = Object.entries(SWITCHES).flatMap(([first, values], i) =>
  Object.entries(SWITCHES)
    .slice(i + 1)
    .flatMap(([second, others]) =>
      values.flatMap((value, j) =>
        others.map((other, k) => {
          const rest = Object.fromEntries(
            Object.entries(SWITCHES).map(([field, all]) => [field, all[(i + 3 * j + 5 * k + field.length) % all.length]]),
          )
          return config({ ...rest, [first]: value, [second]: other } as unknown as Config)
        }),
      ),
    ),
)
const courses = [true, false].flatMap((learns) => [true, false].map((summed) => ({ learns, scored: true, summed, ends: true })))

/** Where the table and the rules do not agree, and the rows that nothing used. */
const disagreements = (
  spec?: string,
  among = configs,
): { readonly wrong: readonly string[]; readonly unused: readonly number[] } => {
  const table = readsTable(spec)
  const [wrong, used] = [new Set<string>(), new Set<number>()]
  for (const one of among) {
    for (const course of courses) {
      // a sum comes in with updates that wait for the end of the sequence, and with no others
      if (course.summed && one.update === 'step') continue
      const said = readsByTable(table, one, course)
      // there is no sum to be asked for where each step updates
      if (one.update === 'step' && said.has('sq-update.sum.W_1')) wrong.add('sq-update.sum.W_1')
      for (const { id, reads } of rulesOf(one, course)) {
        said.get(id)?.rows.forEach((row) => used.add(row))
        if (JSON.stringify([...(said.get(id)?.reads ?? [])].sort()) !== JSON.stringify([...new Set(Object.values(reads))].sort()))
          wrong.add(id)
      }
    }
  }
  return { wrong: [...wrong], unused: table.map((_, row) => row).filter((row) => !used.has(row)) }
}

test('[pr-reads] the table says of every result what it reads, whatever the switches, and no row is idle', () => {
  assert.ok(configs.length > 200, `${configs.length}`)
  assert.deepEqual(disagreements(), { wrong: [], unused: [] })
})

const PLANTED: readonly (readonly [from: string, to: string, accused: RegExp])[] = [
  ['`correctionSignal` = `drive` | `A1.a_l`, `C3.a_l^K` |', '`correctionSignal` = `drive` | `A1.a_l` |', /^C4\.d_1$/],
  ['| `A1.a_l` | l < L |', '| `A1.a_l` | l > 1 |', /^A1\.a_1$/],
  [
    '| `L1.dW_l` | l > 1, `topDownSignal` = `error` | `C1.e_(l-1)^1` |',
    '| `L1.dW_l` | l > 1, `topDownSignal` = `error` | `C1.e_l^1` |',
    /^L1\.dW_2$/,
  ],
  ['| `sq-update.sum.w` | `update` = `sequence`, a sum came in | `sum.w` |\n', '', /^sq-update\.sum\.W_1$/],
  [
    '| `sq-update.sum.w` | `update` = `sequence`, `clipOrder` = `clip-mean` |',
    '| `sq-update.sum.w` | `clipOrder` = `clip-mean` |',
    /^sq-update\.sum\.W_1$/,
  ],
]

test('[pr-reads] a mistake planted in the table is noticed', () => {
  for (const [from, to, accused] of PLANTED) {
    const spec = readSpec()
    assert.ok(spec.includes(from), from)
    const { wrong } = disagreements(
      spec.replace(from, to),
      configs.filter((_, i) => i % 9 === 0),
    )
    assert.ok(
      wrong.some((id) => accused.test(id)),
      from,
    )
  }
})

test('[pr-reads] [sq-update] O3 at the end of a sequence reads the sum that came in, where the step does not learn', () => {
  const settings = config({ units: [1, 1], update: 'sequence', optimizer: 'sgd', rate: 1 })
  const one = toHex({ rows: 1, cols: 1, data: [1] })
  const ask = (inputs: object, t: unknown = 1): Record<string, unknown> =>
    JSON.parse(
      serveLine(
        JSON.stringify({ id: 1, op: 'equation', equation: 'O3.W_1', config: encodeConfig(settings), inputs, t, key: [0, 0] }),
      )!,
    ) as Record<string, unknown>
  for (const sum of ['sum.W_1', 'sq-update.sum.W_1'])
    assert.deepEqual(ask({ W_1: one, [sum]: one }), { id: 1, ok: true, value: { s: [1, 1], x: '00000000' } })
  assert.equal(ask({ W_1: one })['kind'], 'invalid')
})

test('[pr-answers] [pr-reads] an `equation` request is refused for its form alone, and for results that are not there', () => {
  const ask = (equation: string, inputs: object, more: object = {}): Record<string, unknown> => {
    const settings = encodeConfig(config({ units: [1, 1, 1], optimizer: 'sgd' }))
    const request = { id: 1, op: 'equation', equation, config: settings, inputs, t: 0, key: [0, 0], ...more }
    return JSON.parse(serveLine(JSON.stringify(request))!) as Record<string, unknown>
  }
  const one = toHex({ rows: 1, cols: 1, data: [1] })
  const two = toHex({ rows: 2, cols: 1, data: [1, 1] })
  for (const id of [
    'A9.a_1',
    'C3.a_1^2',
    'A1.a_3',
    'L5.dU_2',
    'L6.db_1',
    'S2.loss',
    'O3.first.W_1',
    'sq-update.sum.W_1',
    'O4.b_1',
  ])
    assert.equal(ask(id, {})['kind'], 'unsupported', id)
  for (const [id, inputs, more] of [
    ['A2.z_1', {}, {}],
    ['A2.z_1', { 'A1.a_1': 1 }, {}],
    ['A2.z_1', { 'A1.a_1': one }, { t: -1 }],
    ['A2.z_1', { 'A1.a_1': one }, { key: [0] }],
    ['A2.z_1', { 'A1.a_1': one }, { config: {} }],
    ['L3.dM_1', { 'x[t-1]': two, 'C4.d_1': one }, {}],
    ['op-state.power1', { power1: '3f800000' }, {}],
  ] as const)
    assert.equal(ask(id, inputs, more)['kind'], 'invalid', id)
  const infinite = toHex({ rows: 1, cols: 1, data: [Infinity] })
  for (const [id, inputs, bits] of [
    ['A2.z_1', { 'A1.a_1': infinite, more: two }, '3f800000'],
    ['L3.dM_1', { 'x[t-1]': one, 'C4.d_1': infinite }, '7f800000'],
    ['op-state.power1', { power1: one }, '3f666666'],
  ] as const)
    assert.deepEqual(ask(id, inputs)['value'], { s: [1, 1], x: bits }, id)
})

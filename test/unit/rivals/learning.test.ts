import assert from 'node:assert/strict'
import { test } from 'node:test'

import { reberTask } from '../../../src/data/grammar-task.js'
import { keyOf } from '../../../src/numeric/random.js'
import type { Algebra } from '../../../src/rivals/algebra.js'
import { bptt, lstm, tbptt } from '../../../src/rivals/bptt.js'
import { fastAlgebra } from '../../../src/rivals/fast-algebra.js'
import type { Rival, RivalConfig } from '../../../src/rivals/rival.js'
import { rflo, RFLO_DEFAULTS } from '../../../src/rivals/rflo.js'
import { rtrl } from '../../../src/rivals/rtrl.js'
import { rtu } from '../../../src/rivals/rtu.js'
import { snap1 } from '../../../src/rivals/snap1.js'
import { tpc, TPC_DEFAULTS } from '../../../src/rivals/tpc.js'
import { uoro } from '../../../src/rivals/uoro.js'
import { rivalConfig } from './support.js'

const RIVALS: readonly (readonly [rate: number, make: (algebra: Algebra, config: RivalConfig) => Rival])[] = [
  [0.01, bptt],
  [0.01, (algebra, config) => tbptt(algebra, config, 5)],
  [0.03, lstm],
  [0.003, rtrl],
  [0.003, uoro],
  [0.003, snap1],
  [0.01, (algebra, config) => rflo(algebra, config, RFLO_DEFAULTS)],
  [0.003, (algebra, config) => rflo(algebra, config, { leak: 0.7, feedback: 'symmetric' })],
  [0.01, rtu],
  [0.01, (algebra, config) => tpc(algebra, config, TPC_DEFAULTS)],
]
const BATCHES = 60
const task = reberTask(20)

for (const [rate, make] of RIVALS) {
  const trained = async () => {
    const rival = make(await fastAlgebra(), rivalConfig({ inputs: task.inputs, units: 12, clip: 1, rate }))
    const batches = Array.from({ length: BATCHES }, (_, i) => task.training(keyOf(1), i))
    return { name: rival.name, ...(await rival.train(rival.initial(keyOf(2)), batches)) }
  }

  test(`${make(await fastAlgebra(), rivalConfig()).name}: in binary32 a grammar is learnt, the same way each time`, async (t) => {
    const { snapshot, measurements } = await trained()
    const bits = (of: typeof measurements): number =>
      of.reduce((sum, { loss }) => sum + loss, 0) / of.reduce((sum, { count }) => sum + count, 0) / Math.LN2
    const [early, late] = [bits(measurements.slice(0, 5)), bits(measurements.slice(-5))]
    t.diagnostic(`${early.toFixed(2)} bits a symbol, then ${late.toFixed(2)}`)
    // the best that counts of pairs of symbols can do is 1.83
    assert.ok(late < 1.75, `${late} bits a symbol`)
    assert.ok(early > 2, `${early} bits a symbol`)
    assert.deepEqual((await trained()).snapshot, snapshot)
  })
}

test('there are so many weights: of each gate from units, inputs and a bias, and of the readout', async () => {
  const algebra = await fastAlgebra()
  const config = rivalConfig({ inputs: 5, units: 7 })
  for (const [gates, rival] of [
    [1, bptt(algebra, config)],
    [1, rtrl(algebra, config)],
    [4, lstm(algebra, config)],
  ] as const) {
    const { weights } = rival.initial(keyOf(1))
    assert.equal(
      Object.values(weights).reduce((sum, { data }) => sum + data.length, 0),
      gates * 7 * (7 + 5 + 1) + 5 * (7 + 1),
    )
  }
})

test('weights begin as they are told: 1 / sqrt of what is added up where no scale is given, forget gates open, outputs biased', async () => {
  const algebra = await fastAlgebra()
  const { weights } = lstm(algebra, rivalConfig({ inputs: 100, units: 64, outputBias: -2 })).initial(keyOf(1))
  const deviation = (name: string): number =>
    Math.sqrt(Array.from(weights[name]!.data).reduce((sum, w) => sum + w * w, 0) / weights[name]!.data.length)
  for (const [name, rows] of [
    ['W', 64],
    ['U', 100],
    ['V', 64],
  ] as const) {
    assert.ok(Math.abs(deviation(name) * Math.sqrt(rows) - 1) < 0.03, name)
  }
  assert.deepEqual(
    Array.from(weights.b!.data),
    [0, 1, 0, 0].flatMap((bias) => Array<number>(64).fill(bias)),
  )
  assert.ok(Array.from(weights.c!.data).every((c) => c === -2))
  const scaled = bptt(algebra, rivalConfig({ inputs: 100, units: 64, weightScale: 0.05 })).initial(keyOf(1)).weights.U!
  const size = Math.sqrt(Array.from(scaled.data).reduce((sum, w) => sum + w * w, 0) / scaled.data.length)
  assert.ok(Math.abs(size / 0.05 - 1) < 0.03)
})

/** What the page of `ptncn explore` is made of, as far as it needs no browser. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesOf } from '../../src/conform/equations/graph.js'
import { cut } from '../../src/explore/lesion.js'
import { runStretch, situationOf, snapshotOf, stretch } from '../../src/explore/learn.js'
import { endOfPass, phasesOf, startOfPass } from '../../src/explore/phases.js'
import { addressOf, courseOf, inForce, openingOf, turned } from '../../src/explore/course.js'
import { configOf, KINDS, randomTable, setupFor } from '../../src/explore/setup.js'
import { inkOf, momentAt, sourceOf, textOfInk, textOfWave, waveOf } from '../../src/explore/sources.js'
import { referenceEngine } from '../../src/engine/reference.js'
import { wasmEngine } from '../../src/engine/fast/wasm.js'
import { sameBits } from '../../src/conform/equations/rounding.js'
import { keyOf } from '../../src/numeric/random.js'
import { initialModel } from '../../src/ptncn/apply.js'
import { config } from '../../src/ptncn/config.js'

const COURSE = { learns: true, scored: true, summed: false, ends: false }

test('the phases of a step are the equations in the order of SPEC.md, all layers of one at once', () => {
  const rules = rulesOf(config({ units: [3, 4, 5], passes: 2 }), COURSE)
  const phases = phasesOf(rules)
  assert.deepEqual(
    phases.slice(0, 5).map(({ name, results }) => [name, results]),
    [
      ['A1.a', ['A1.a_1', 'A1.a_2']],
      ['A2.z', ['A2.z_1', 'A2.z_2']],
      ['P1.logits^1', ['P1.logits_0^1', 'P1.logits_1^1']],
      ['P1.p^1', ['P1.p_0^1', 'P1.p_1^1']],
      ['C1.e^1', ['C1.e_0^1', 'C1.e_1^1']],
    ],
  )
  assert.deepEqual(phases.flatMap(({ results }) => results).sort(), rules.map(({ id }) => id).sort())
  const named = (name: string): number => phases.findIndex((phase) => phase.name === name)
  assert.equal(endOfPass(phases, named('P1.p^1')), named('C3.z^1'))
  assert.equal(endOfPass(phases, named('C3.z^1')), named('C3.z^2'))
  assert.equal(startOfPass(phases, named('C1.e^2')), named('C3.z^1'))
  assert.equal(startOfPass(phases, 0), -1)
})

test('an address holds a setup, and nothing that is not allowed', () => {
  for (const kind of KINDS) {
    const setup = setupFor(kind, { seed: 7, beta: 0.25, f: 'table', learn: false, units: 16, text: 'a & b = c#' })
    for (const first of [setup, setupFor(kind)]) {
      const course = turned(turned(courseOf(first), 40, { ...first, learn: true, lesion: 'VU' }), 70, {
        ...first,
        beta: undefined,
      })
      assert.deepEqual(openingOf(addressOf(course, { at: 90, after: 'C2.h^1' })), {
        course,
        at: 90,
        after: 'C2.h^1',
        runs: false,
      })
    }
  }
  assert.equal(openingOf('#C2'), undefined)
  assert.equal(openingOf('#do=nothing'), undefined)
  const odd = openingOf('#do=reber&seed=-1&units=1e9&beta=x&f=eval&profile=__proto__&side=&at=-3&then=_seed_7&then=x_learn')!
  assert.deepEqual(odd.course.first, setupFor('reber'))
  assert.deepEqual(inForce(odd.course, 1000), setupFor('reber'))
  assert.equal(odd.at, 0)
})

test('ink and waves go into an address and come back', () => {
  const ink = Uint8Array.from({ length: 196 }, (_, i) => (i % 3 === 0 ? 255 : 0))
  assert.deepEqual(inkOf(textOfInk(ink)), ink)
  const heights = waveOf('')
  assert.ok(Math.max(...heights) - Math.min(...heights) > 0.5)
  const again = waveOf(textOfWave(heights))
  heights.forEach((height, i) => assert.ok(Math.abs(height - again[i]!) <= 1 / 61))
})

test('a random table is a function of its seed, with values from -1 to 1 and NaN for NaN', () => {
  const [f, same, other] = [randomTable(1), randomTable(1), randomTable(2)]
  const places = Array.from({ length: 200 }, (_, i) => -6 + 0.06 * i)
  assert.deepEqual(places.map(f), places.map(same))
  assert.notDeepEqual(places.map(f), places.map(other))
  assert.ok(places.every((a) => Math.abs(f(a)) <= 1))
  assert.ok(Number.isNaN(f(NaN)))
})

test('[sq-start] a stretch in pieces has the bits of one run of whole sequences, for f of a table too', async () => {
  const setup = setupFor('reber', { seed: 5, units: 6, f: 'table' })
  const source = sourceOf(setup)
  const settings = configOf(setup, source.inputs)
  const start = initialModel(settings, keyOf(setup.seed))
  const at = { sequence: 0, step: 0 }
  const whole = await runStretch(referenceEngine(settings), source, start, at, 45, setup.seed, true)
  let [snapshot, place] = [snapshotOf(settings, situationOf(settings, start), at), at as typeof whole.to]
  for (const steps of [1, 7, 13, 24]) {
    const ran = await runStretch(wasmEngine(settings), source, snapshot, place, steps, setup.seed, true)
    place = ran.to
    snapshot = snapshotOf(settings, situationOf(settings, ran.snapshot), place)
  }
  assert.deepEqual(place, whole.to)
  const [wanted, got] = [whole.snapshot, snapshot].map((one) => situationOf(settings, one).tensors)
  for (const [name, value] of wanted!) assert.ok(sameBits(value, got!.get(name)!), name)
  const { sequences } = stretch(source, at, 45, setup.seed)
  assert.ok(sequences.length > 2)
  // what draws does so from the same key, whether steps are done one by one or many at once
  const keys = sequences.map((_, sequence) => momentAt(source, { sequence, step: 0 }, setup.seed).begin)
  assert.deepEqual(
    sequences.map(({ key }) => key),
    keys,
  )
})

test('a lesion sets the weights of a kind to 0, with what the optimiser remembers, and no others', () => {
  const setup = setupFor('reber', { units: 4 })
  const settings = configOf(setup, 7)
  const before = situationOf(settings, initialModel(settings, keyOf(1)))
  const after = cut(before, 'V')
  for (const [name, value] of after.tensors) {
    const isCut = /V_\d$/.test(name)
    if (isCut)
      assert.ok(
        Array.from(value.data).every((w) => w === 0),
        name,
      )
    else assert.equal(value, before.tensors.get(name))
  }
})

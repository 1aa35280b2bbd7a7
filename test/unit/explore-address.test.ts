/** The address of a run, opened anew, stands where the run stands, to the bit: whatever was switched under way. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { benchOf, type Bench } from '../../src/explore/bench.js'
import { clientOf, type Start } from '../../src/explore/client.js'
import { addressOf, courseOf, openingOf } from '../../src/explore/course.js'
import { lesionOf, setupFor, type Setup } from '../../src/explore/setup.js'
import { letterSource } from '../../src/explore/sources.js'
import { serve, type Scope } from '../../src/explore/worker.js'

/** A worker that is no thread: messages are copied as they would be. */
const localWorker: Start = (hear) => {
  const scope: Scope = {
    postMessage: (reply) => {
      const data = structuredClone(reply)
      setImmediate(() => hear(data))
    },
    onmessage: null,
  }
  serve(scope)
  return { postMessage: (request) => scope.onmessage!({ data: structuredClone(request) }) }
}
const newBench = (): Bench => benchOf(clientOf(localWorker))

type Act = (bench: Bench) => Promise<void>

const change = fc
  .oneof(
    fc.record({ beta: fc.constantFrom(0, 0.25, undefined) }),
    fc.record({ f: fc.constantFrom('sign', 'table', 'tanh') }),
    fc.record({ passes: fc.constantFrom(1, 3, undefined) }),
    fc.record({ learn: fc.boolean() }),
    fc.record({ lesion: fc.constantFrom('M', 'V', 'U') }),
    fc.record({ letter: fc.constantFrom('', 'a', 'g') }),
  )
  .map(
    (one): Act =>
      (bench) =>
        bench.change('lesion' in one ? { lesion: lesionOf(bench.view().setup.lesion + one.lesion) } : (one as Partial<Setup>)),
  )

const act: fc.Arbitrary<Act> = fc.oneof(
  change,
  fc.integer({ min: 1, max: 30 }).map(
    (steps): Act =>
      (bench) =>
        bench.learn(steps, () => {}).done,
  ),
  fc.constantFrom('phase' as const, 'pass' as const, 'step' as const).map(
    (stride): Act =>
      (bench) =>
        bench.forward(stride),
  ),
  fc.constantFrom('phase' as const, 'pass' as const, 'step' as const).map(
    (stride): Act =>
      (bench) =>
        bench.back(stride),
  ),
)

const standing = (bench: Bench) => {
  const { setup, entry, told, cursor } = bench.view()
  const tensors = [...entry.situation.tensors, ...told.known].map(([name, { data }]) => [
    name,
    Buffer.from(Float32Array.from(data).buffer).toString('hex'),
  ])
  return { setup, count: entry.count, at: entry.at, cursor, tensors }
}

const opened = async (address: string): Promise<Bench> => {
  const bench = newBench()
  const { course, at, after: phase } = openingOf(address)!
  await bench.open(course, at)
  bench.seekNamed(phase!)
  return bench
}

for (const kind of ['bounce', 'reber'] as const)
  test(`the address of a run of ${kind} leads back to where it stands`, () =>
    fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (acts) => {
        const bench = newBench()
        await bench.open(courseOf(setupFor(kind, { units: 5, side: 10, seed: 3 })))
        for (const one of acts) await one(bench)
        const { course, entry, phases, cursor } = bench.view()
        const address = addressOf(course, { at: entry.count, after: cursor < 0 ? 'nothing' : phases[cursor]!.name })
        assert.deepEqual(standing(await opened(address)), standing(bench), address)
      }),
      { numRuns: 40, seed: 11 },
    ))

test('back and forward over a switch shows the same numbers again', async () => {
  const bench = newBench()
  await bench.open(courseOf(setupFor('reber', { units: 5 })))
  await bench.learn(20, () => {}).done
  await bench.forward('step')
  await bench.forward('step')
  await bench.change({ beta: 0.5 })
  await bench.forward('step')
  const before = standing(bench)
  for (const way of ['back', 'back', 'forward', 'forward'] as const) await bench[way]('step')
  assert.deepEqual(standing(bench), before)
})

test('a lesion under way is there when the address is opened, and a letter bounces in place of digits', async () => {
  const [cut, letter] = ['#do=reber&then=9_learn_no_lesion_V&at=12', '#do=bounce&side=10&then=40_letter_a&at=45']
  const { situation } = (await opened(`${cut}&after=O4`)).view().entry
  for (const [name, { data }] of situation.tensors)
    if (/^[VM]_/.test(name))
      assert.equal(
        Array.from(data).every((value) => value === 0),
        name.startsWith('V'),
        name,
      )
  const { source } = (await opened(`${letter}&after=O4`)).view()
  const [, shown] = source!.sequence(2)
  assert.deepEqual(shown, letterSource('a', setupFor('bounce', { side: 10 })).sequence(2)[1])
})

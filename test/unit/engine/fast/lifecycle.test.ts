/** The life of an engine and its workers: each end is one clear error, and leaves nothing behind. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

import type { Engine } from '../../../../src/engine/engine.js'
import { parallelEngine } from '../../../../src/engine/fast/parallel.js'
import { referenceEngine } from '../../../../src/engine/reference.js'
import { threads, threadsOf, type Port, type Transport } from '../../../../src/engine/fast/threads/transport.js'
import { wasmEngine } from '../../../../src/engine/fast/wasm.js'
import { PtncnError } from '../../../../src/errors.js'
import { config, type Config } from '../../../../src/ptncn/config.js'
import { begin, inputsOf, sequence } from '../runs.js'

const settings = config({ units: [3, 5, 4] })
const IN_TIME = 1000

/** A transport that keeps the ports it opened, and counts the threads that have not ended. */
const observed = (of: Transport): { transport: Transport; ports: Port[]; alive: () => number } => {
  const ports: Port[] = []
  let ended = 0
  const transport: Transport = (start, listener) => {
    const port = of(start, listener)
    let gone: Promise<unknown> | undefined
    const counted: Port = { ...port, terminate: () => (gone ??= port.terminate().then(() => void ended++)) }
    ports.push(counted)
    return counted
  }
  return { transport, ports, alive: () => ports.length - ended }
}

const rejects = async (run: Promise<unknown>, message: RegExp): Promise<void> => {
  await assert.rejects(run, (error: unknown) => {
    assert.ok(error instanceof PtncnError && error.name === 'EngineError', String(error))
    assert.match(error.message, message)
    assert.ok(!error.message.includes('\n'))
    return true
  })
}

const BROKEN = fileURLToPath(new URL('./fixtures/broken-worker.mjs', import.meta.url))

for (const [passes, what, message] of [
  [1, 'throws', /worker \d of 2 threw: planted/],
  [2, 'exits', /worker \d of 2 exited with code 3/],
] as const) {
  test(`a worker that ${what} ends the run with one error in time, and all threads`, async () => {
    const { transport, alive } = observed(threadsOf(BROKEN))
    const of: Config = config({ units: [3, 5, 4], passes })
    const engine = parallelEngine(of, { workers: 2, by: 'layers', transport })
    const start = performance.now()
    await rejects(engine.train(begin(of), [sequence(3)]), message)
    assert.ok(performance.now() - start < 3 * IN_TIME, 'with the start of the threads')
    assert.equal(alive(), 0)
    await rejects(engine.train(begin(of), [sequence(3)]), message)
    await engine.dispose()
  })
}

test('a worker that is killed ends the run with one error in time, and all threads', async () => {
  const { transport, ports, alive } = observed(threadsOf(BROKEN))
  const of = config({ units: [3, 5, 4], passes: 3 })
  const engine = parallelEngine(of, { workers: 2, by: 'layers', transport })
  const run = engine.train(begin(of), [sequence(3)])
  run.catch(() => {})
  await until(() => ports.length === 2)
  await new Promise((resolve) => setTimeout(resolve, 300))
  const start = performance.now()
  void ports[1]!.terminate()
  await rejects(run, /worker 1 of 2 exited/)
  assert.ok(performance.now() - start < IN_TIME)
  assert.equal(alive(), 0)
})

test('a true worker that is killed while the other one computes ends the run in time', async () => {
  const { transport, ports, alive } = observed(threads)
  const of = config({ units: [3, 64, 64] })
  const engine = parallelEngine(of, { workers: 2, by: 'layers', transport })
  const { snapshot } = await engine.train(begin(of), [sequence(2)])
  const run = engine.train(snapshot, [{ inputs: inputsOf(100_000, 1) }])
  run.catch(() => {})
  await new Promise((resolve) => setTimeout(resolve, 100))
  const start = performance.now()
  void ports[0]!.terminate()
  await rejects(run, /worker 0 of 2 exited/)
  assert.ok(performance.now() - start < IN_TIME)
  assert.equal(alive(), 0)
})

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5))
}

const engines: readonly (readonly [string, (of: Config) => Engine])[] = [
  ['wasm', wasmEngine],
  ['parallel', (of) => parallelEngine(of, { workers: 2, by: 'layers' })],
]

for (const [name, make] of engines) {
  test(`dispose of ${name} may be called again; a call afterwards is refused in one line`, async () => {
    const engine = make(settings)
    await engine.train(begin(settings), [sequence(2)])
    await engine.dispose()
    await engine.dispose()
    await rejects(engine.train(begin(settings), [sequence(2)]), new RegExp(`"${name}" expected an engine in use`))
    await rejects(engine.evaluate(begin(settings), [sequence(2)]), /make another one/)
  })
}

test('dispose of an engine that never ran starts nothing', async () => {
  const { transport, ports } = observed(threads)
  await parallelEngine(settings, { workers: 2, by: 'layers', transport }).dispose()
  assert.equal(ports.length, 0)
})

test('dispose while a run goes on ends the run with one error, and all threads', async () => {
  const { transport, ports, alive } = observed(threadsOf(BROKEN))
  const of = config({ units: [3, 5, 4], passes: 3 })
  const engine = parallelEngine(of, { workers: 2, by: 'layers', transport })
  const run = engine.train(begin(of), [sequence(3)])
  run.catch(() => {})
  await until(() => ports.length === 2)
  await engine.dispose()
  await rejects(run, /disposed of while it ran/)
  assert.equal(alive(), 0)
})

test('every engine has Symbol.asyncDispose where the runtime has it, and it is dispose', async () => {
  for (const make of [referenceEngine, ...engines.map(([, make]) => make)]) {
    const engine = make(settings)
    assert.equal(engine[Symbol.asyncDispose], Symbol.asyncDispose === undefined ? undefined : engine.dispose)
    await engine.dispose()
  }
})

const fixture = (name: string) =>
  spawn(process.execPath, ['--import', 'tsx', fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })

test('Ctrl-C in the middle of a run ends the process in time', async () => {
  const child = fixture('endless.ts')
  await once(child.stdout!, 'data')
  const start = performance.now()
  child.kill('SIGINT')
  const [code, signal] = await once(child, 'exit')
  assert.ok(performance.now() - start < IN_TIME)
  assert.ok(signal === 'SIGINT' || code === 130, `${code} ${signal}`)
})

test('a process that forgets to dispose ends by itself', async () => {
  const child = fixture('forgotten.ts')
  await once(child.stdout!, 'data')
  const start = performance.now()
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
  assert.ok(performance.now() - start < 2 * IN_TIME)
})

test('hundreds of engines, made, used and disposed of, do not grow memory', async () => {
  const of = config({ units: [3, 60, 60] })
  const use = async (times: number): Promise<number> => {
    for (let i = 0; i < times; i++) {
      const engine = wasmEngine(of)
      await engine.train(begin(of), [sequence(2)])
      await engine.dispose()
    }
    return process.memoryUsage().rss
  }
  const before = await use(100)
  const after = await use(200)
  // an engine touches about 1 MB: 200 that stay would be 200 MB
  assert.ok(after - before < 60e6, `${Math.round((after - before) / 1e6)} MB more after 200 engines`)
})

test('a network that WebAssembly cannot address is refused before anything of it is made, with the bytes that it needs', () => {
  for (const engineOf of [wasmEngine, parallelEngine])
    assert.throws(
      () => engineOf(config({ units: [1024, 100_000, 100_000] })),
      (error: unknown) =>
        error instanceof PtncnError &&
        error.name === 'ConfigError' &&
        /^"units" expected at most 4294967296 bytes .*, got \d{12}; take fewer$/.test(error.message),
    )
})

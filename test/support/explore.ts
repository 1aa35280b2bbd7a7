/** What is done with the page of `ptncn explore` in a browser, and what has to come of it. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { parseVectors } from '../../src/conform/case.js'
import { checkPublished } from '../../src/conform/vectors.js'
import { sameBits } from '../../src/conform/equations/rounding.js'
import { referenceEngine } from '../../src/engine/reference.js'
import { stretch, situationOf } from '../../src/explore/learn.js'
import { configOf, setupFor, type Setup } from '../../src/explore/setup.js'
import { sourceOf } from '../../src/explore/sources.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import { keyOf } from '../../src/numeric/random.js'
import { initialModel } from '../../src/ptncn/apply.js'
import type { Found } from './browsers.js'
import { examples, readSpec } from './spec.js'
import type { Visit } from './visit.js'
import { explorePage } from '../tools/explore/page.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-page-'))
export const file = join(folder, 'explore.html')

/** Writes the page, as the command would. */
export const writePage = async (): Promise<void> => writeFileSync(file, await explorePage())
export const removePage = (): void => rmSync(folder, { recursive: true, force: true })

const url = (hash = ''): string => pathToFileURL(file).href + hash

/** What the page gives to save is kept, as not every driver tells of downloads; and what goes wrong in it. */
const KEEP = `(() => {
  if (globalThis.faults) return
  globalThis.faults = []
  addEventListener('error', ({ message }) => faults.push(message))
  addEventListener('unhandledrejection', ({ reason }) => faults.push(String(reason)))
  addEventListener('securitypolicyviolation', ({ blockedURI }) => faults.push('refused: ' + blockedURI))
  const make = URL.createObjectURL
  URL.createObjectURL = (blob) => {
    if (blob.type === 'application/json') blob.text().then((text) => (globalThis.kept = text))
    return make(blob)
  }
})()`

const STANDING = '#phases .standing'
const text = (css: string): string => `document.querySelector('${css}')?.innerText`
const labelled = (name: string): string => `button[aria-label="${name}"]`

/** Until the page stands there. */
const standsAt = (visit: Visit, words: string): Promise<unknown> => visit.until(`${text(STANDING)}?.includes('${words}')`)

const start = async (visit: Visit, hash = ''): Promise<void> => {
  await visit.go(url(hash))
  await visit.until(text(STANDING))
}

const assertFaultless = async (visit: Visit): Promise<void> => {
  const { faults, asked } = await visit.until<{ faults: unknown; asked: readonly string[] }>(
    `({ faults, asked: performance.getEntriesByType('resource').map(({ name }) => name) })`,
  )
  assert.deepEqual(faults, [])
  assert.deepEqual(
    asked.filter((name) => !/^(?:blob|data):/.test(name)),
    [],
  )
}

/** The step that the page exports. */
const exported = async (visit: Visit, name: string): Promise<string> => {
  await visit.until('((globalThis.kept = undefined), true)')
  await visit.click(labelled('Export step as a vector file'))
  const kept = await visit.until<string>('globalThis.kept')
  writeFileSync(join(folder, name), kept)
  return kept
}

/** Of one case: that the reference has the same, and what the step began with. */
const checkedCase = (text: string) => {
  const cases = parseVectors(text)
  assert.equal(cases.length, 1)
  assert.deepEqual(checkPublished(cases, 'bit'), [])
  return cases[0]!.scenario!
}

/** What the reference engine has after so many steps of a setup. */
const referenceAfter = async (setup: Setup, steps: number) => {
  const source = sourceOf(setup)
  const config = configOf(setup, source.inputs)
  const { sequences } = stretch(source, { sequence: 0, step: 0 }, steps, setup.seed)
  const { snapshot } = await referenceEngine(config).train(initialModel(config, keyOf(setup.seed)), sequences)
  return situationOf(config, snapshot)
}

const assertSame = (got: ReadonlyMap<string, Matrix>, wanted: typeof got): void => {
  assert.deepEqual([...got.keys()].sort(), [...wanted.keys()].sort())
  for (const [name, value] of wanted) assert.ok(sameBits(got.get(name)!, value), name)
}

const steps = async (visit: Visit): Promise<void> => {
  await standsAt(visit, 'step 1, t = 1: after C4.d')
  await visit.click('.chips button')
  for (const after of ['A2.z', 'P1.logits^1', 'P1.p^1', 'C1.e^1', 'C2.h^1']) {
    await visit.click(labelled('on by one equation'))
    await standsAt(visit, `after ${after}`)
  }
  await visit.click(labelled('back one equation'))
  await standsAt(visit, 'after C1.e^1')
  await visit.click(labelled('back one time step'))
  await standsAt(visit, 'step 0')
  await visit.click(labelled('on by one time step'))
  await standsAt(visit, 'step 1, t = 1: after O4')
}

/** Of e_0. */
const SECOND = '#C1 .live td:nth-of-type(2) .value'

const tellsNumber = async (visit: Visit): Promise<void> => {
  const [{ sequences }] = examples(readSpec()) as [ReturnType<typeof examples>[number]]
  const { e_0 } = sequences[0]!.steps[1] as unknown as Record<string, { x: string }>
  const bits = `${text('#inspector .bits code')} === `
  // numbers are set beside what is in sight
  await visit.until(`(document.querySelector('#C1').scrollIntoView(), !!document.querySelector('${SECOND}'))`)
  await visit.click(SECOND)
  await visit.until(`${bits}'${e_0!.x.slice(8, 16)}'`)
  assert.match(await visit.until<string>(text('#inspector')), /times the mask of the row/)
  await visit.type(SECOND, 'ArrowRight')
  await visit.until(`${bits}'${e_0!.x.slice(16, 24)}'`)
}

/** In a browser of its own. */
const within = async (found: Found, scene: (visit: Visit) => Promise<void>): Promise<void> => {
  const visit = await found.visit(KEEP)
  try {
    await scene(visit)
  } finally {
    await visit.close()
  }
}

/** The worked example: steps forward and back, a number told, a step saved and opened; nobody is asked for anything. */
export const stepsAndTells = (found: Found): Promise<void> =>
  within(found, async (visit) => {
    await start(visit)
    await steps(visit)
    await tellsNumber(visit)
    const scenario = checkedCase(await exported(visit, `${found.name}-example.json`))
    assert.equal(scenario.from.t, 1)
    // the page opens what it wrote
    await visit.upload('input[type=file]', join(folder, `${found.name}-example.json`))
    await visit.until(`document.body.innerText.includes('The case explored-step.')`)
    await assertFaultless(visit)
  })

/** A network learns by the WebAssembly engine, its switches are turned, a figure is drawn. */
export const learnsAndDraws = (found: Found): Promise<void> =>
  within(found, async (visit) => {
    await start(visit, '#do=reber&seed=3&at=120')
    await standsAt(visit, 'step 120')
    const learnt = checkedCase(await exported(visit, `${found.name}-learnt.json`))
    const setup = setupFor('reber', { seed: 3 })
    assertSame(learnt.from.tensors, (await referenceAfter(setup, 120)).tensors)
    await visit.click(labelled('Learn until stopped'))
    await visit.until(text('#film .pace'))
    await visit.click(labelled('Stop learning'))
    await visit.until(`document.querySelector('#film').hidden`)
    await visit.choose('#field-f', 'sign')
    await visit.until(`location.hash.includes('_f_sign')`)
    await visit.click(labelled('switch the correction off'))
    await visit.until(`location.hash.includes('_beta_0')`)
    await visit.click(labelled('on by one time step'))
    await visit.until(`/after (?:O4|C4\\.d)/.test(${text(STANDING)})`)
    const still = checkedCase(await exported(visit, `${found.name}-still.json`))
    assert.equal(still.config.beta, 0)
    assert.equal(still.config.activation, 'sign')
    await visit.go(url('#do=draw'))
    await visit.type('.board', ' ', 'ArrowRight', ' ', 'ArrowDown', ' ')
    await visit.until(`location.hash.includes('ink=')`)
    await assertFaultless(visit)
  })

/** A switch turned, and another run opened, while the network learns: the address leads back to the same bits. */
export const switchesUnderWay = (found: Found): Promise<void> =>
  within(found, async (visit) => {
    await start(visit, '#do=bounce&side=10&units=8&run=yes')
    await visit.until(text('#film .pace'))
    // another run, that begins anew and learns
    await visit.until(`((location.hash = '#do=reber&units=8&run=yes'), true)`)
    await visit.until(`document.querySelector('.choice select').value === 'reber' && ${text('#film .pace')}`)
    await visit.choose('#field-f', 'sign')
    await visit.until(`${text('#notice')}?.includes('f is sign')`)
    // it has gone on learning
    await visit.until(`document.querySelector('#film').hidden === false`)
    await visit.click(labelled('Stop learning'))
    await visit.until(`document.querySelector('#film').hidden`)
    await visit.until(`/do=reber.*then=\\d+_f_sign&at=\\d+/.test(location.hash)`)
    const learnt = checkedCase(await exported(visit, `${found.name}-switched.json`))
    assert.equal(learnt.config.activation, 'sign')
    const address = await visit.until<string>('location.hash')
    await visit.go('about:blank')
    await start(visit, address)
    await standsAt(visit, `step ${/at=(\d+)/.exec(address)![1]}`)
    await visit.until(`${text('#notice')} === ''`)
    assertSame(checkedCase(await exported(visit, `${found.name}-again.json`)).from.tensors, learnt.from.tensors)
    await assertFaultless(visit)
  })

/** A page of Chromium for what the other browsers are not asked. */
export const openPage = async (browser: Browser, options: BrowserContextOptions, hash = '') => {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(url(hash))
  await page.waitForSelector(STANDING, { state: 'attached' })
  return { page, errors }
}

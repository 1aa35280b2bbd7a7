/** What is done with the page of `ptncn explore` in a browser, and what has to come of it. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
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
import { explorePage } from '../tools/explore/page.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-page-'))
export const file = join(folder, 'explore.html')

/** Writes the page, as the command would. */
export const writePage = async (): Promise<void> => writeFileSync(file, await explorePage())
export const removePage = (): void => rmSync(folder, { recursive: true, force: true })

const PATIENCE = 20_000

/** What the page gives to save is kept, as not every driver tells of downloads. */
const KEEP = `const make = URL.createObjectURL
URL.createObjectURL = (blob) => {
  if (blob.type === 'application/json') blob.text().then((text) => (globalThis.kept = text))
  return make(blob)
}`

/** A page with what it asked for, and what went wrong in it. */
interface Opened {
  readonly page: Page
  readonly requests: string[]
  readonly errors: string[]
}

export const open = async (browser: Browser, options: BrowserContextOptions, hash = ''): Promise<Opened> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE)
  await page.addInitScript(KEEP)
  const [requests, errors]: [string[], string[]] = [[], []]
  page.on('request', (request) => requests.push(request.url()))
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  await page.goto(pathToFileURL(file).href + hash)
  await page.waitForSelector('#phases .standing', { state: 'attached' })
  return { page, requests, errors }
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })

/** The step that the page exports. */
const exported = async (page: Page, name: string): Promise<string> => {
  await page.evaluate('globalThis.kept = undefined')
  await button(page, 'Export step as a vector file').click()
  const kept = await page.waitForFunction(() => (globalThis as { kept?: string }).kept)
  const text = (await kept.jsonValue()) as string
  writeFileSync(join(folder, name), text)
  return text
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

const steps = async (page: Page): Promise<void> => {
  await page.locator('#phases .standing', { hasText: 'step 1, t = 1: after C4.d' }).waitFor()
  await page.locator('.chips button').first().click()
  for (const after of ['A2.z', 'P1.logits^1', 'P1.p^1', 'C1.e^1', 'C2.h^1']) {
    await button(page, 'on by one equation').click()
    await page.getByText(`after ${after}`).first().waitFor()
  }
  await button(page, 'back one equation').click()
  await page.getByText('after C1.e^1').first().waitFor()
  await button(page, 'back one time step').click()
  await page.locator('#phases .standing', { hasText: 'step 0' }).waitFor()
  await button(page, 'on by one time step').click()
  await page.locator('#phases .standing', { hasText: 'step 1, t = 1: after O4' }).waitFor()
}

const tellsNumber = async (page: Page): Promise<void> => {
  const [{ sequences }] = examples(readSpec()) as [ReturnType<typeof examples>[number]]
  const { e_0 } = sequences[0]!.steps[1] as unknown as Record<string, { x: string }>
  await page.locator('#C1').scrollIntoViewIfNeeded()
  await page.locator('#C1 .live .value').nth(1).click()
  const inspector = page.locator('#inspector')
  assert.equal(await inspector.locator('.bits code').innerText(), e_0!.x.slice(8, 16))
  assert.match(await inspector.innerText(), /times the mask of the row/)
  await page.keyboard.press('ArrowRight')
  await page.locator('#inspector .bits code', { hasText: e_0!.x.slice(16, 24) }).waitFor()
}

/** In a browser of its own. */
const within = async ({ launch }: Found, scene: (browser: Browser) => Promise<void>): Promise<void> => {
  const browser = await launch()
  try {
    await scene(browser)
  } finally {
    await browser.close()
  }
}

/** The worked example: steps forward and back, a number told, a step saved and opened; nobody is asked for anything. */
export const stepsAndTells = (found: Found): Promise<void> =>
  within(found, async (browser) => {
    const { name, context } = found
    const { page, requests, errors } = await open(browser, context)
    await steps(page)
    await tellsNumber(page)
    const scenario = checkedCase(await exported(page, `${name}-example.json`))
    assert.equal(scenario.from.t, 1)
    // the page opens what it wrote
    await page.locator('input[type=file]').setInputFiles(join(folder, `${name}-example.json`))
    await page.getByText('The case explored-step.').waitFor()
    assert.deepEqual(
      requests.filter((url) => !/^(?:file|blob|data):/.test(url)),
      [],
    )
    assert.deepEqual(
      requests.filter((url) => url.startsWith('file:') && !url.endsWith('/explore.html')),
      [],
    )
    assert.deepEqual(errors, [])
  })

/** A network learns by the WebAssembly engine, its switches are turned, a figure is drawn. */
export const learnsAndDraws = (found: Found): Promise<void> =>
  within(found, async (browser) => {
    const { name, context } = found
    const { page, errors } = await open(browser, context, '#do=reber&seed=3&at=120')
    await page.locator('#phases .standing', { hasText: 'step 120' }).waitFor()
    const learnt = checkedCase(await exported(page, `${name}-learnt.json`))
    const setup = setupFor('reber', { seed: 3 })
    assertSame(learnt.from.tensors, (await referenceAfter(setup, 120)).tensors)
    await button(page, 'Learn until stopped').click()
    await page.locator('#film .pace').waitFor()
    await button(page, 'Stop learning').click()
    await page.locator('#film').waitFor({ state: 'hidden' })
    await page.getByLabel('f', { exact: true }).selectOption('sign')
    await page.waitForURL(/f=sign/)
    await button(page, 'switch the correction off').click()
    await page.waitForURL(/beta=0/)
    await button(page, 'on by one time step').click()
    await page.locator('#phases .standing', { hasText: /after (?:O4|C4\.d)/ }).waitFor()
    const still = checkedCase(await exported(page, `${name}-still.json`))
    assert.equal(still.config.beta, 0)
    assert.equal(still.config.activation, 'sign')
    await page.goto(`${pathToFileURL(file).href}#do=draw`)
    await page.locator('.board').focus()
    for (const key of [' ', 'ArrowRight', ' ', 'ArrowDown', ' ']) await page.keyboard.press(key)
    await page.waitForURL(/ink=/)
    assert.deepEqual(errors, [])
  })

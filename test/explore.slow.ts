/** The page of `ptncn explore` in every browser that is here, its experiments, and what axe says of it. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { browsers, launchChromium } from './support/browsers.js'
import { learnsAndDraws, openPage, removePage, stepsAndTells, switchesUnderWay, writePage } from './support/explore.js'
import { skipWithoutRuntime } from './support/onnx-web.js'
import { learnInBoth } from './tools/onnx-digits.js'

before(writePage)
after(removePage)

const found = browsers()
const skip = !launchChromium && 'there is no Chromium here'

/** Of a loss: the arithmetic differs in its last bits. */
const LOSS_ROUNDING = 2 ** -18

for (const one of ['Chromium', 'Firefox', 'WebKit']) {
  const browser = found.find(({ name }) => name === one)
  test(`in ${one} the page steps, tells, learns and draws`, { skip: !browser && `there is no ${one} here` }, async () => {
    await stepsAndTells(browser!)
    await learnsAndDraws(browser!)
    await switchesUnderWay(browser!)
  })

  const without = browser ? skipWithoutRuntime() : `there is no ${one} here`
  test(`in ${one} onnxruntime-web learns digits by the graphs, as our engine does`, { skip: without }, async () => {
    const { engine, graph, difference } = await learnInBoth(12, browser!)
    assert.equal(graph.losses.length, 12)
    assert.ok(difference < LOSS_ROUNDING, `${difference}`)
    assert.ok(engine.losses.at(-1)! < 0.8 * engine.losses[0]!, `${engine.losses}`)
  })
}

test('every experiment runs to its end and says what it found', { skip }, async () => {
  const browser = await launchChromium!()
  try {
    const { page, errors } = await openPage(browser, {})
    for (const fieldset of await page.locator('.guess').all()) await fieldset.locator('input').first().check()
    for (const experiment of await page.locator('[data-experiment]').all()) {
      await experiment.click()
      const card = experiment.locator('xpath=ancestor::article')
      await card.getByText('Run again').waitFor({ timeout: 120_000 })
      assert.ok((await card.locator('.chart').count()) > 0)
      assert.match(await card.locator('.findings').innerText(), /\d/)
    }
    assert.deepEqual(errors, [])
  } finally {
    await browser.close()
  }
})

test('the address of an experiment runs it again, with the same findings', { skip }, async () => {
  const browser = await launchChromium!()
  try {
    const told = async (): Promise<string> => {
      const { page, errors } = await openPage(browser, {}, '#experiment=oddball&seed=2')
      await page.locator('#try-oddball').getByText('Run again').waitFor({ timeout: 120_000 })
      assert.match(page.url(), /#experiment=oddball&seed=2$/)
      assert.deepEqual(errors, [])
      return page.locator('#try-oddball .findings').innerText()
    }
    const first = await told()
    assert.match(first, /At the gong/)
    assert.equal(await told(), first)
  } finally {
    await browser.close()
  }
})

test('the page has no fault that axe finds, wide and narrow, light and dark', { skip }, async () => {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  const browser = await launchChromium!()
  try {
    for (const [width, colorScheme, hash] of [
      [1280, 'light', ''],
      [1280, 'dark', '#do=reber'],
      [390, 'light', '#C2'],
      [390, 'dark', '#do=bounce'],
    ] as const) {
      const { page } = await openPage(browser, { viewport: { width, height: 844 }, colorScheme, bypassCSP: true }, hash)
      await page.evaluate(axe)
      const { violations } = await page.evaluate(() =>
        (
          globalThis as unknown as {
            axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> }
          }
        ).axe.run(),
      )
      assert.deepEqual(
        violations.map(({ id, nodes }) => [
          id,
          nodes.slice(0, 2).map(({ html, failureSummary }) => `${html.slice(0, 160)}: ${failureSummary}`),
        ]),
        [],
        `${width} ${colorScheme}`,
      )
      const [wide, window] = await page.evaluate<readonly number[]>('[document.documentElement.scrollWidth, innerWidth]')
      assert.ok(wide! <= window!, `${width}: the page is ${wide} wide`)
      await page.context().close()
    }
  } finally {
    await browser.close()
  }
})

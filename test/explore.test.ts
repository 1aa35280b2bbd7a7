/** The page of `ptncn explore` in a real browser, from the disk: it steps, goes back, learns, draws, and asks nobody for anything. */

import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { browsers } from './support/browsers.js'
import { file, learnsAndDraws, removePage, stepsAndTells, writePage } from './support/explore.js'

before(writePage)
after(removePage)

const MOST_BYTES = 3_000_000

test('the page is one file of less than 3 MB that names nothing outside itself', () => {
  assert.ok(statSync(file).size < MOST_BYTES)
  const html = readFileSync(file, 'utf8')
  assert.match(html, /default-src 'none'/)
  assert.doesNotMatch(html.replace(/<script[^]*?<\/script>/g, ''), /(?:src|href)="(?!#|data:,)/)
})

// one browser is enough here; the others are tried by the slow tests
const [browser] = browsers()
const skip = browser === undefined && 'there is no Chromium, Firefox or WebKit here'
const name = browser?.name ?? 'a browser'

test(`[ex-step] in ${name} the page steps through the worked example, tells its numbers, and exports a step`, { skip }, () =>
  stepsAndTells(browser!),
)

test(`[sq-learn] in ${name} the page learns, switches f and beta, draws, and has the reference engine's bits`, { skip }, () =>
  learnsAndDraws(browser!),
)

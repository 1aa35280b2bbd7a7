/** onnxruntime-web, where it is installed: `npm install --no-save onnxruntime-web` (150 MB, so nothing here asks for it). */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { root } from './runs.js'
import type { Found } from './browsers.js'

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', mjs: 'text/javascript', wasm: 'application/wasm' }
/** A name that nothing answers to: what is asked of it is answered from files. */
const ORIGIN = 'http://ptncn.invalid'
const PATIENCE = 300_000

/** Where its files are; undefined where it is not installed. */
const runtime = (): string | undefined => {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'))
  } catch {
    return undefined
  }
}

export const skipWithoutRuntime = (): string | false =>
  runtime() === undefined && 'there is no onnxruntime-web here: npm install --no-save onnxruntime-web'

/** Sequences of so many steps of rows of inputs. */
export interface Shape {
  readonly sequences: number
  readonly steps: number
  readonly rows: number
  readonly inputs: number
}

/** What train.html tells after learning by the graphs of a folder. */
export const learnInBrowser = async ({ launch }: Found, folder: string, shape: Shape) => {
  const browser = await launch()
  try {
    const page = await browser.newPage()
    const folders = { html: join(root, 'test/ports/onnx'), mjs: runtime()!, wasm: runtime()! } as Record<string, string>
    await page.route(`${ORIGIN}/**`, (route) => {
      const name = new URL(route.request().url()).pathname.slice(1)
      const kind = name.slice(name.lastIndexOf('.') + 1)
      const contentType = TYPES[kind] ?? 'application/octet-stream'
      return route.fulfill({ contentType, body: readFileSync(join(folders[kind] ?? folder, name)) })
    })
    const query = Object.entries(shape).map(([name, value]) => `${name}=${value}`)
    await page.goto(`${ORIGIN}/train.html?${query.join('&')}`)
    const output = page.locator('output', { hasText: '{' })
    const told = JSON.parse(await output.innerText({ timeout: PATIENCE }))
    if (told.error) throw new Error(told.error)
    return told as { readonly losses: readonly number[]; readonly millisecondsAStep: number }
  } finally {
    await browser.close()
  }
}

/** onnxruntime-web, where it is installed: `npm install --no-save onnxruntime-web` (150 MB, so nothing here asks for it). */

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Found } from './browsers.js'
import { root } from './runs.js'
import { served } from './serve.js'

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

/** The mean loss of each sequence in nats a frame, and how long a step takes. */
export interface Learnt {
  readonly losses: readonly number[]
  readonly millisecondsAStep: number
}

/** What train.html tells after learning by the graphs of a folder. */
export const learnInBrowser = async (found: Found, folder: string, shape: Shape): Promise<Learnt> => {
  const page = join(root, 'test/ports/onnx')
  const folders: Readonly<Record<string, string>> = { html: page, mjs: runtime()!, wasm: runtime()! }
  const query = Object.entries(shape).map(([name, value]) => `${name}=${value}`)
  const visit = await found.visit()
  try {
    const told = await served(
      (name, ending) => join(folders[ending] ?? folder, name),
      async (origin) => {
        await visit.go(`${origin}/train.html?${query.join('&')}`)
        return visit.until<string>(`document.querySelector('output').textContent`, PATIENCE)
      },
    )
    const { error, ...learnt } = JSON.parse(told) as Learnt & { readonly error?: string }
    if (error !== undefined) throw new Error(error)
    return learnt
  } finally {
    await visit.close()
  }
}

/** Cases that were found by search once: their requests are kept where they are published, and nothing makes them anew. */

import { readFileSync } from 'node:fs'
import { decodeScenario, readLine } from '../../../src/conform/port/wire.js'
import type { Entry } from './build.js'

interface Published {
  readonly id: string
  readonly equations: readonly string[]
  readonly flags: readonly string[]
  readonly why: string
  readonly request: object
  readonly expect: { readonly kind?: string }
}

/** The cases of a published file, to be published again. */
export const kept = (topic: string): readonly Entry[] => {
  const path = new URL(`../../vectors/${topic}.json`, import.meta.url)
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { readonly cases: readonly Published[] }
  return cases.map(({ id, equations, flags, why, request, expect }) => ({
    ...{ id, equations: equations.join(' '), flags: flags.join(' '), why },
    ...(expect.kind === 'invalid' ? { request } : { scenario: decodeScenario(readLine(JSON.stringify(request))!) }),
  }))
}

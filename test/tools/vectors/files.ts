/** The vector files, as texts: one a topic, with what a reader has to know at its head. */

import { VECTORS_FORMAT } from '../../../src/conform/case.js'
import { VECTORS_VERSION } from '../../../src/conform/vectors.js'
import type { SpecVersion } from '../../../src/ptncn/config.js'
import { publish, type Entry } from './build.js'
import { applying } from './applying.js'
import { forward } from './forward.js'
import { invalid } from './invalid.js'
import { later } from './later.js'
import { learning } from './learning.js'
import { overflows } from './overflows.js'
import { parts } from './parts.js'
import { refusals } from './refusals.js'
import { runs } from './runs.js'
import { sharp } from './sharper.js'
import { wider } from './wide.js'

interface Topic {
  readonly about: string
  /** the version of the specification that its cases need; 0.1.0 */
  readonly spec?: SpecVersion
  readonly entries: readonly Entry[]
}

const TOPICS: Readonly<Record<string, Topic>> = {
  ...forward,
  ...learning,
  ...applying,
  ...runs,
  ...invalid,
  ...later,
  ...wider,
  ...sharp,
  ...overflows,
  ...refusals,
  ...parts,
}

export const FLAGS: Readonly<Record<string, string>> = {
  mask: 'has padding rows',
  'minus-zero': 'has -0 where +0 would give other bits',
  subnormal: 'has numbers below 2^-126 that must be kept',
  saturation: 'has functions far out, where they no longer move',
  'clip-edge': 'has a norm on, or next to, its limit',
  start: 'a sequence begins',
  end: 'a sequence ends',
  order: 'the sum has other bits in another order, or fused',
  weak: 'does not by itself catch what its `why` says; a later case does, whose `why` says the same',
  invalid: 'must be refused',
  diverges: 'must stop, and name the equation',
}

const NOTICE = 'Free of copyright: CC0-1.0, https://creativecommons.org/publicdomain/zero/1.0/'
const PROVENANCE =
  'Computed by the reference implementation (src/), and checked by an evaluator in binary64 that shares no code with it (test/evaluator)'

/** JSON with one tensor, or one short record, a line. */
const layOut = (value: unknown, indent = ''): string => {
  const whole = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || 's' in value || whole.length <= 110) return whole
  const deeper = `${indent} `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Array.isArray(value)
    ? value.map((item) => layOut(item, deeper))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${layOut(item, deeper)}`)
  return `${open}\n${parts.map((part) => deeper + part).join(',\n')}\n${indent}${close}`
}

const fileOf = (topic: string, { about, spec = '0.1.0', entries }: Topic): string => {
  const cases = entries.map(publish) as readonly { flags: readonly string[] }[]
  const flags = [...new Set(cases.flatMap((made) => made.flags))].sort()
  const head = {
    format: VECTORS_FORMAT,
    spec,
    vectors: VECTORS_VERSION,
    topic,
    about,
    licence: NOTICE,
    provenance: PROVENANCE,
    generator: 'test/tools/make-vectors.ts',
    count: cases.length,
    flags: Object.fromEntries(flags.map((flag) => [flag, FLAGS[flag]])),
  }
  return `${layOut({ ...head, cases })}\n`
}

/** Every vector file. */
export const vectorFiles = (): readonly { readonly name: string; readonly text: string }[] =>
  Object.entries(TOPICS).map(([topic, made]) => ({ name: `${topic}.json`, text: fileOf(topic, made) }))

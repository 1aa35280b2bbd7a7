/** The cases of a vector file, from its text: what each asks for, and what it expects. [pr-vectors] */

import { mismatch, PtncnError, show } from '../errors.js'
import { oneOf, requireField } from '../fields.js'
import { asRecord, parseJson, type Json } from '../io/json.js'
import { SPEC_VERSIONS, type SpecVersion } from '../ptncn/config.js'
import { decodeScenario, ERROR_KINDS, isPart, readStep, texts, type Fields, type Refusal, type StepAnswer } from './port/wire.js'
import type { Scenario } from './scenario.js'

/** The form of the files; a reader refuses others. */
export const VECTORS_FORMAT = 'ptncn-vectors 1'

/** The steps of an answer, the answer of a part ([pr-parts]), or a refusal. */
export type Expect = { readonly steps: readonly StepAnswer[] } | { readonly answer: Fields } | { readonly refusal: Refusal }

export interface Case {
  /** says what it is; permanent, never used again */
  readonly id: string
  readonly equations: readonly string[]
  readonly flags: readonly string[]
  /** the misreading that it catches */
  readonly why: string
  /** the body of the request, as it is sent */
  readonly request: Readonly<Record<string, Json>>
  /** what the request means; none where it is not valid */
  readonly scenario: Scenario | undefined
  readonly expect: Expect
  readonly topic: string
  /** the version of the specification that its file needs */
  readonly spec: SpecVersion
}

const text = (fields: Fields, name: string): string => {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw mismatch('FileError', name, 'a text', value)
}

const words = (fields: Fields, name: string): readonly string[] => {
  const found = texts(fields[name])
  if (found) return found
  throw mismatch('FileError', name, 'a list of texts', fields[name])
}

const record = (name: string, value: Json | undefined, got: unknown = value): Fields => {
  const found = asRecord(value)
  if (found) return found
  throw mismatch('FileError', name, 'a record', got)
}

const readExpect = (op: unknown, fields: Fields): Expect => {
  const { kind, steps, equation, layer } = fields
  if (kind !== undefined) {
    const known = ERROR_KINDS.find((one) => one === kind)
    if (!known) throw mismatch('FileError', 'expect.kind', `one of ${ERROR_KINDS.join(', ')}`, kind)
    const place = { ...(typeof equation === 'string' && { equation }), ...(typeof layer === 'number' && { layer }) }
    return { refusal: { kind: known, what: '', ...place } }
  }
  if (isPart(op)) return { answer: fields }
  if (!Array.isArray(steps)) throw mismatch('FileError', 'expect.steps', 'a list', steps)
  return { steps: (steps as readonly Json[]).map((step) => readStep(asRecord(step) ?? {})) }
}

const readCase = (topic: string, spec: SpecVersion, value: Json): Case => {
  const fields = record('case', value)
  const id = text(fields, 'id')
  try {
    const request = record('request', fields['request'])
    const expect = readExpect(request['op'], record('expect', fields['expect']))
    const none = isPart(request['op']) || ('refusal' in expect && expect.refusal.kind !== 'diverged')
    const scenario = none ? undefined : decodeScenario(request)
    const [equations, flags] = [words(fields, 'equations'), words(fields, 'flags')]
    return { id, equations, flags, why: text(fields, 'why'), request, expect, scenario, topic, spec }
  } catch (error) {
    throw new PtncnError('FileError', `case ${show(id)}: ${(error as Error).message}`, id)
  }
}

/** The cases of a vector file. @throws FileError that names the case and what is wrong with it */
export const parseVectors = (source: string): readonly Case[] => {
  const fields = record('vector file', parseJson(source), source.slice(0, 20))
  if (fields['format'] !== VECTORS_FORMAT) throw mismatch('FileError', 'format', `"${VECTORS_FORMAT}"`, fields['format'])
  const spec = requireField('FileError', 'spec', fields['spec'], oneOf(...SPEC_VERSIONS))
  const { cases, count } = fields
  if (!Array.isArray(cases)) throw mismatch('FileError', 'cases', 'a list', cases)
  if (count !== cases.length) throw mismatch('FileError', 'count', `${cases.length}, as there are so many cases`, count)
  if (cases.length === 0) throw mismatch('FileError', 'cases', 'at least one case', cases)
  const topic = text(fields, 'topic')
  const read = (cases as readonly Json[]).map((value) => readCase(topic, spec, value))
  const ids = read.map(({ id }) => id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) throw mismatch('FileError', 'id', 'each id once', twice)
  return read
}

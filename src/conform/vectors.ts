/** Vector files: published cases with everything a port is given and everything it has to answer. [pr-vectors] */

import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { dirname, join } from 'node:path'
import { mismatch, PtncnError, show } from '../errors.js'
import { fileError } from '../io/files.js'
import { SPEC_VERSION, type Config } from '../ptncn/config.js'
import { asRecord, parseJson, type Json } from './json.js'
import { decodeScenario, ERROR_KINDS, readStep, type Refusal, type StepAnswer } from './protocol.js'
import type { Scenario } from './situation.js'

/** The form of the files; a reader refuses others. */
export const VECTORS_FORMAT = 'ptncn-vectors 1'
/** Goes up whenever a case is added. Published cases never change. */
export const VECTORS_VERSION = 1

export type Expect = { readonly steps: readonly StepAnswer[] } | { readonly refusal: Refusal }

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
}

type Fields = Readonly<Record<string, Json>>

const text = (fields: Fields, name: string): string => {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw mismatch('FileError', name, 'a text', value)
}

const texts = (fields: Fields, name: string): readonly string[] => {
  const value = fields[name]
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value as readonly string[]
  throw mismatch('FileError', name, 'a list of texts', value)
}

const record = (fields: Fields, name: string): Fields => asRecord(fields[name]) ?? fail(name, fields[name])
const fail = (name: string, got: unknown): never => {
  throw mismatch('FileError', name, 'a record', got)
}

const readExpect = (fields: Fields): Expect => {
  const { kind, steps } = fields
  if (kind !== undefined) {
    if (!ERROR_KINDS.includes(kind as string))
      throw mismatch('FileError', 'expect.kind', `one of ${ERROR_KINDS.join(', ')}`, kind)
    const { equation, layer } = fields
    const place = { ...(typeof equation === 'string' && { equation }), ...(typeof layer === 'number' && { layer }) }
    return { refusal: { kind: kind as Refusal['kind'], what: '', ...place } }
  }
  if (!Array.isArray(steps)) throw mismatch('FileError', 'expect.steps', 'a list', steps)
  return { steps: (steps as readonly Json[]).map((step) => readStep(asRecord(step) ?? {})) }
}

const readCase =
  (topic: string) =>
  (value: Json): Case => {
    const fields = asRecord(value) ?? fail('case', value)
    const id = text(fields, 'id')
    try {
      const request = record(fields, 'request')
      const expect = readExpect(record(fields, 'expect'))
      const scenario = 'refusal' in expect && expect.refusal.kind === 'invalid' ? undefined : decodeScenario(request)
      return {
        id,
        equations: texts(fields, 'equations'),
        flags: texts(fields, 'flags'),
        why: text(fields, 'why'),
        request,
        expect,
        scenario,
        topic,
      }
    } catch (error) {
      throw new PtncnError('FileError', `case ${show(id)}: ${(error as Error).message}`, id)
    }
  }

/** The cases of a vector file. @throws FileError that names the case and what is wrong with it */
export const parseVectors = (source: string): readonly Case[] => {
  const fields = asRecord(parseJson(source)) ?? fail('vector file', source.slice(0, 20))
  if (fields['format'] !== VECTORS_FORMAT) throw mismatch('FileError', 'format', `"${VECTORS_FORMAT}"`, fields['format'])
  if (fields['spec'] !== SPEC_VERSION) throw mismatch('FileError', 'spec', `"${SPEC_VERSION}"`, fields['spec'])
  const { cases, count } = fields
  if (!Array.isArray(cases)) throw mismatch('FileError', 'cases', 'a list', cases)
  if (count !== cases.length) throw mismatch('FileError', 'count', `${cases.length}, as there are so many cases`, count)
  if (cases.length === 0) throw mismatch('FileError', 'cases', 'at least one case', cases)
  const read = (cases as readonly Json[]).map(readCase(text(fields, 'topic')))
  const ids = read.map(({ id }) => id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) throw mismatch('FileError', 'id', 'each id once', twice)
  return read
}

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

/** The cases of a file. */
export const readVectors = (path: string): readonly Case[] => parseVectors(readText(path))

/** Where the package keeps its vectors; the same from src and from dist. */
const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'test', 'vectors')

/** The published vector files, by name. */
export const publishedFiles = (): readonly { readonly name: string; readonly path: string; readonly text: string }[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json') && name !== 'schema.json')
    .sort()
    .map((name) => ({ name, path: join(FOLDER, name), text: readText(join(FOLDER, name)) }))

/** All files of the folder: the vectors, their schema, and the notice. */
export const publishedFolder = (): readonly { readonly name: string; readonly text: string }[] =>
  readdirSync(FOLDER)
    .sort()
    .map((name) => ({ name, text: readText(join(FOLDER, name)) }))

export const publishedCases = (): readonly Case[] => publishedFiles().flatMap(({ text: source }) => parseVectors(source))

/** What a case needs of a port, as far as it is more than a port can do. */
export const lacking = (
  { scenario }: Case,
  caps: {
    layers: number
    maxDims: number
    activations: readonly string[]
    outputs: readonly string[]
    optimizers: readonly string[]
  },
): string | undefined => {
  if (!scenario) return undefined
  const { units, activation, output, optimizer }: Config = scenario.config
  if (units.length - 1 > caps.layers) return `${units.length - 1} layers`
  if (Math.max(...units) > caps.maxDims) return `${Math.max(...units)} units`
  if (!caps.activations.includes(activation as string)) return `activation ${String(activation)}`
  if (!caps.outputs.includes(output)) return `output ${output}`
  return caps.optimizers.includes(optimizer) ? undefined : `optimizer ${optimizer}`
}

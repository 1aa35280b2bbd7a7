/** What `ptncn explain` is given: a request, a case of the vectors, a worked example, or a trained network and an input. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeScenario, readTensor } from '../conform/port/wire.js'
import { flatten, type Moment, type Scenario } from '../conform/scenario.js'
import { publishedCases } from '../conform/vectors.js'
import { mismatch, PtncnError } from '../errors.js'
import { exampleScenario, firstExample, isExample } from '../explain/example.js'
import { openTrained } from '../experiment/run/folder.js'
import { readText } from '../io/files.js'
import { namingFile } from '../io/guess.js'
import { asRecord, parseJson, type Json } from '../io/json.js'
import { nearest } from '../nearest.js'
import { fromRows } from '../numeric/matrix.js'
import { initialState, inputOf } from '../ptncn/state.js'

/** A scenario, and what it is for people. */
export interface Source {
  readonly scenario: Scenario
  readonly title: string
}

/** SPEC.md, beside src and beside dist. */
export const specText = (): string => readText(join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'SPEC.md'))

const fromRecord = (title: string, text: string): Source => {
  const fields = asRecord(parseJson(text))
  if (!fields)
    throw mismatch('FileError', 'the file', 'a record: a request of the protocol, or a worked example', text.slice(0, 20))
  if (isExample(fields)) return { title, scenario: exampleScenario(fields) }
  if (fields['op'] !== 'step' && fields['op'] !== 'run')
    throw mismatch('FileError', 'op', '"step" or "run", as a request of the protocol has', fields['op'])
  return { title, scenario: decodeScenario(fields) }
}

const HEAD = 512

const fromFile = (path: string): Source => {
  const text = path === '-' ? readFileSync(0, 'utf8') : readText(path)
  return namingFile(path, Buffer.from(text.slice(0, HEAD)), () => fromRecord(path, text))
}

const fromCase = (id: string): Source => {
  const cases = publishedCases()
  const found = cases.find((one) => one.id === id)
  if (!found) {
    const near = nearest(
      id,
      cases.map((one) => one.id),
    )
    const remedy = near === undefined ? 'see ptncn explain --help' : `did you mean ${near}?`
    throw mismatch(
      'UsageError',
      'what to explain',
      '"example", a file, the folder of a run, or the id of a published case',
      id,
      remedy,
    )
  }
  if (!found.scenario)
    throw new PtncnError('UsageError', `"${id}" is a case whose request has to be refused; there is no step to explain`, id)
  return { title: `${id}: ${found.why}`, scenario: found.scenario }
}

const rowsOf = (value: Json): readonly (readonly number[])[] => {
  const rows = Array.isArray(value) && Array.isArray(value[0]) ? value : [value]
  const good = rows.every((row) => Array.isArray(row) && row.length > 0 && row.every((one) => typeof one === 'number'))
  if (!good) throw mismatch('FileError', 'x', 'numbers, rows of numbers, or a tensor of the protocol', value)
  return rows as readonly (readonly number[])[]
}

/** An input as a file has it: `{"x": ..., "mask": ...}`, or x alone; tensors or lists of numbers. */
const readInput = (path: string): Moment => {
  const text = readText(path)
  return namingFile(path, Buffer.from(text.slice(0, HEAD)), () => {
    const value = parseJson(text)
    const fields = asRecord(value)
    const given = fields && 'x' in fields ? fields['x']! : value
    const x = asRecord(given) ? readTensor('x', given) : fromRows(rowsOf(given))
    const mask = fields?.['mask']
    if (mask === undefined) return inputOf(x)
    return inputOf(x, asRecord(mask) ? readTensor('mask', mask).data : (mask as readonly number[]))
  })
}

const fromCheckpoint = async (path: string, input: string | undefined): Promise<Source> => {
  if (input === undefined)
    throw new PtncnError(
      'UsageError',
      `"${path}" is a network: --input expected a file with the numbers that it is to see, got none`,
      path,
    )
  const { config, snapshot } = await openTrained(path)
  const moment = readInput(input)
  const { state, ...model } = snapshot
  const open = state?.x.rows === moment.x.rows
  const from = flatten(open ? state : initialState(config, moment.x.rows), model)
  // between sequences a sum is none's
  const begun: Moment = open ? moment : { ...moment, begin: [0, 0] }
  return { title: `${path}, with the input ${input}`, scenario: { config, from, inputs: [begun], train: true } }
}

const isNetwork = (path: string): boolean => path.endsWith('.safetensors') || (existsSync(path) && statSync(path).isDirectory())

/** @throws UsageError, FileError or ConfigError that says what is wrong with what was given */
export const openSource = async (name: string, input: string | undefined): Promise<Source> => {
  if (name !== '-' && isNetwork(name)) return fromCheckpoint(name, input)
  if (input !== undefined)
    throw new PtncnError('UsageError', '"--input" is for a trained network; a request has its inputs', input)
  if (name === 'example')
    return { title: 'the first worked example of SPEC.md', scenario: exampleScenario(firstExample(specText())) }
  return name === '-' || existsSync(name) || /\.json$/i.test(name) ? fromFile(name) : fromCase(name)
}

/** A worked example of SPEC.md as a scenario: the network that it begins with, and its inputs one after another. [ex-step] */

import { mismatch, PtncnError } from '../errors.js'
import { record, requireField, type Fields } from '../fields.js'
import { readKey, readTensor } from '../conform/port/wire.js'
import { flatten, type Moment, type Scenario } from '../conform/scenario.js'
import { parseJson, type Json } from '../io/json.js'
import { keyOf } from '../numeric/random.js'
import { initialModel } from '../ptncn/apply.js'
import { config, type Config, type ProfileName } from '../ptncn/config.js'
import { initialState } from '../ptncn/state.js'

const listOf = (name: string, value: unknown): readonly unknown[] => {
  if (Array.isArray(value) && value.length > 0) return value
  throw mismatch('FileError', name, 'a list of at least one', value)
}

const recordOf = (name: string, value: unknown): Fields => requireField('FileError', name, value, record)

const momentsOf = (sequence: unknown): readonly Moment[] => {
  const { key, inputs } = recordOf('sequence', sequence)
  const moments = listOf('inputs', inputs).map((one): Moment => {
    const { x, mask } = recordOf('input', one)
    return { x: readTensor('x', x), mask: readTensor('mask', mask) }
  })
  return moments.map((moment, i) => ({
    ...moment,
    ...(i === 0 && { begin: readKey('key', key as Json) }),
    ...(i === moments.length - 1 && { end: true }),
  }))
}

/** Whether a record is a worked example. */
export const isExample = (fields: Fields): boolean => 'seed' in fields && 'sequences' in fields

/** @throws FileError or ConfigError that names what is wrong with the example */
export const exampleScenario = (fields: Fields): Scenario => {
  const settings = config(recordOf('config', fields['config']) as unknown as Config, fields['profile'] as ProfileName)
  const inputs = listOf('sequences', fields['sequences']).flatMap(momentsOf)
  const model = initialModel(settings, keyOf(fields['seed'] as number))
  return { config: settings, from: flatten(initialState(settings, inputs[0]!.x.rows), model), inputs, train: true }
}

/** The first worked example in the text of SPEC.md. @throws FileError where there is none */
export const firstExample = (spec: string): Fields => {
  const body = /^```json step\n([^]*?)^```$/m.exec(spec)?.[1]
  if (body === undefined) throw new PtncnError('FileError', '"SPEC.md" expected a block "json step", got none', undefined)
  return recordOf('example', parseJson(body))
}

/**
 * JSON of strangers: a key that is there twice, `__proto__`, and nesting without end are refused, and the records have
 * no prototype, so that nothing read can be mistaken for something that was always there. [pr-lines]
 */

import { mismatch, PtncnError, show } from '../errors.js'
import { record, requireField, type Fields } from '../fields.js'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

/** Deeper than any file of ours. */
const DEEPEST = 64
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WHOLE = /(?:0|[1-9]\d*)(?![.eE])/y
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y
const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null }

/** What is wrong at a character; `got` where that is not the text from there on. */
type Refuse = (expected: string, at: number, got?: string) => never

const reading = (text: string, deepest: number, refuse: Refuse, numbers = NUMBER): Json => {
  let at = 0
  const fail = (expected: string, got?: string): never => refuse(expected, at, got)
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  /** blank, line feed, tab and carriage return */
  const space = (): void => {
    for (let code = text.charCodeAt(at); code === 32 || code === 10 || code === 9 || code === 13;) code = text.charCodeAt(++at)
  }
  const skip = (character: string): boolean => {
    space()
    if (text[at] !== character) return false
    at++
    return true
  }
  const string = (): string => {
    space()
    const start = at
    const found = match(STRING) ?? fail('a string')
    try {
      // without a backslash the text is the string; long tensors take this way
      return found.includes('\\') ? (JSON.parse(found) as string) : found.slice(1, -1)
    } catch {
      at = start
      return fail('a string with valid escapes')
    }
  }
  const list = (depth: number): Json => {
    const items: Json[] = []
    if (skip(']')) return items
    do items.push(value(depth))
    while (skip(','))
    return skip(']') ? items : fail('"," or "]"')
  }
  const recordOf = (depth: number): Json => {
    const made = Object.create(null) as Record<string, Json>
    if (skip('}')) return made
    do {
      const name = string()
      if (name === '__proto__') fail('keys that are names', name)
      if (name in made) fail('each key once', name)
      if (!skip(':')) fail('":"')
      made[name] = value(depth)
    } while (skip(','))
    return skip('}') ? made : fail('"," or "}"')
  }
  const value = (depth: number): Json => {
    space()
    const opens = text[at] === '{' || text[at] === '['
    if (opens && depth === deepest) fail(`JSON of at most ${deepest} levels`, 'more')
    if (skip('{')) return recordOf(depth + 1)
    if (skip('[')) return list(depth + 1)
    if (text[at] === '"') return string()
    const number = match(numbers)
    if (number !== undefined) return Number(number)
    const word = Object.keys(WORDS).find((name) => text.startsWith(name, at))
    if (word === undefined) return fail('a value')
    at += word.length
    return WORDS[word]!
  }
  const whole = value(0)
  space()
  return at === text.length ? whole : fail('the end')
}

/** What a text says. @throws FileError with the position of the first mistake */
export const parseJson = (text: string, deepest = DEEPEST): Json =>
  reading(text, deepest, (expected, at, got) => {
    const shown = got === undefined && at >= text.length ? 'its end' : show(got ?? text.slice(at, at + 20))
    throw new PtncnError('FileError', `JSON expected ${expected} at character ${at}, got ${shown}`, text.slice(at, at + 20))
  })

/**
 * What the text of a file, or of a part of one, says; `numbers` may be `whole`: digits alone, not 1.0 or 1e3.
 * @throws FileError that names it, and the first mistake
 */
export const readJson = (what: string, text: unknown, numbers: 'any' | 'whole' = 'any'): Json => {
  if (typeof text !== 'string') throw mismatch('FileError', what, 'JSON', text)
  const refuse: Refuse = (expected, at, got) => {
    if (got !== undefined) throw mismatch('FileError', what, expected, got, `see before character ${at}`)
    throw mismatch('FileError', what, 'JSON', text, `${expected} should be at character ${at}`)
  }
  return reading(text, DEEPEST, refuse, numbers === 'whole' ? WHOLE : NUMBER)
}

/** A value as text that `readJson` reads. @throws ShapeError where it is not what JSON can hold */
export const jsonOf = (what: string, value: unknown): string => {
  try {
    const text = JSON.stringify(value)
    readJson(what, text)
    return text
  } catch {
    throw mismatch('ShapeError', what, `what JSON can hold, at most ${DEEPEST} levels deep`, value)
  }
}

/** A record, or undefined. */
export const asRecord = (value: Json | undefined): Readonly<Record<string, Json>> | undefined =>
  record.holds(value) ? (value as Record<string, Json>) : undefined

/** A record and nothing else. @throws FileError */
export const requireRecord = (what: string, value: unknown): Fields => requireField('FileError', what, value, record)

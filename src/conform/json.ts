/**
 * JSON from strangers: a name that is given twice, `__proto__`, and nesting without end are refused, and the records
 * have no prototype, so that nothing read can be mistaken for something that was always there. [pr-lines]
 */

import { PtncnError, show } from '../errors.js'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }

const DEEPEST = 16
const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const STRING = /"(?:[^"\\\u0000-\u001f]|\\.)*"/y
const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null }

/** @throws FileError with the position of the first mistake */
export const parseJson = (text: string): Json => {
  let at = 0
  const fail = (expected: string): never => {
    const got = at < text.length ? show(text.slice(at, at + 20)) : 'its end'
    throw new PtncnError('FileError', `JSON expected ${expected} at character ${at}, got ${got}`, text.slice(at, at + 20))
  }
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  const skip = (character: string): boolean => {
    match(SPACE)
    if (text[at] !== character) return false
    at++
    return true
  }
  const string = (): string => {
    match(SPACE)
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
  const record = (depth: number): Json => {
    const made = Object.create(null) as Record<string, Json>
    if (skip('}')) return made
    do {
      const name = string()
      if (name === '__proto__') fail('any name but "__proto__" before here')
      if (name in made) fail(`each name once, and ${show(name)} came twice, before here`)
      if (!skip(':')) fail('":"')
      made[name] = value(depth)
    } while (skip(','))
    return skip('}') ? made : fail('"," or "}"')
  }
  const value = (depth: number): Json => {
    if (depth > DEEPEST) fail(`at most ${DEEPEST} levels`)
    if (skip('{')) return record(depth + 1)
    if (skip('[')) return list(depth + 1)
    if (text[at] === '"') return string()
    const number = match(NUMBER)
    if (number !== undefined) return Number(number)
    const word = Object.keys(WORDS).find((name) => text.startsWith(name, at))
    if (word === undefined) return fail('a value')
    at += word.length
    return WORDS[word]!
  }
  const whole = value(0)
  match(SPACE)
  return at === text.length ? whole : fail('the end')
}

/** A record, or undefined. */
export const asRecord = (value: Json | undefined): Readonly<Record<string, Json>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, Json>) : undefined

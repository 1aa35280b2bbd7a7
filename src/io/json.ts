/** JSON of strangers: one clear error, and no key that is there twice or means something to the language. */

import { mismatch } from '../errors.js'

/** Deeper than any file of ours. */
const DEEPEST = 64
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs

/** Keys that are there twice in one object, or would be taken for a prototype; of text that JSON.parse has accepted. */
const requireKeys = (what: string, text: string): void => {
  const open: (Set<string> | undefined)[] = []
  let last = ''
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') requireKey(what, JSON.parse(last) as string, open.at(-1)!)
    if (open.length > DEEPEST) throw mismatch('FileError', what, `JSON of at most ${DEEPEST} levels`, 'more')
    last = token
  }
}

const requireKey = (what: string, key: string, seen: Set<string>): void => {
  if (key === '__proto__') throw mismatch('FileError', what, 'keys that are names', key)
  if (seen.has(key)) throw mismatch('FileError', what, 'each key once', key)
  seen.add(key)
}

/** What a text says. @throws FileError where it is not JSON, has a key twice, or the key `__proto__` */
export const parseJson = (what: string, text: unknown): unknown => {
  let value: unknown
  try {
    if (typeof text !== 'string') throw new SyntaxError()
    value = JSON.parse(text)
  } catch {
    throw mismatch('FileError', what, 'JSON', text)
  }
  requireKeys(what, text)
  return value
}

/** A record and nothing else. @throws FileError */
export const requireRecord = (what: string, value: unknown): Readonly<Record<string, unknown>> => {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw mismatch('FileError', what, 'a record of fields', value)
}

/** Text in records of fields, as RFC 4180 has them: divided by commas, semicolons or tabs, where need be in quotes. */

import { wrongSymbol } from './corpus.js'

/** A record, and the line at which it begins; lines count from 1. */
export interface Delimited {
  readonly line: number
  readonly fields: readonly string[]
}

const DELIMITERS = ['\t', ';', ','] as const

/** What divides the fields: the first of tab, semicolon and comma that stands in the first record outside of quotes. */
const delimiterOf = (text: string): string => {
  const found = new Set<string>()
  let quoted = false
  for (let i = 0; i < text.length && (quoted || text[i] !== '\n'); i++) {
    if (text[i] === '"') quoted = !quoted
    else if (!quoted) found.add(text[i]!)
  }
  return DELIMITERS.find((delimiter) => found.has(delimiter)) ?? ','
}

/**
 * All records, made as they are asked for; lines without anything at the end are none.
 * @throws FileError that names the line where a quote is not closed, or something follows it
 */
export const delimited = function* (text: string, file: string): Iterable<Delimited> {
  const all = text.trimEnd()
  const delimiter = delimiterOf(all)
  let [at, line] = [0, 1]
  while (at < all.length) {
    const stop = endOfLine(all, at)
    const row = all.slice(at, stop)
    if (row.includes('"')) {
      const { fields, next } = quotedRecord(all, at, { delimiter, file, line })
      yield { line, fields }
      line += all.slice(at, next).split('\n').length - 1
      at = next
    } else {
      yield { line, fields: row.split(delimiter) }
      line++
      at = stop + 1
    }
  }
}

const endOfLine = (text: string, from: number): number => {
  const found = text.indexOf('\n', from)
  return found < 0 ? text.length : found
}

interface Place {
  readonly delimiter: string
  readonly file: string
  readonly line: number
}

/** A record with quotes in it, which may go over several lines, and where the next one begins. */
const quotedRecord = (
  text: string,
  from: number,
  place: Place,
): { readonly fields: readonly string[]; readonly next: number } => {
  const fields: string[] = []
  for (let at = from; ; at++) {
    const { field, stop } = text[at] === '"' ? quotedField(text, at, place) : plainField(text, at, place)
    fields.push(field)
    at = stop
    if (text[at] !== place.delimiter) return { fields, next: at + 1 }
  }
}

const plainField = (text: string, from: number, { delimiter }: Place) => {
  let stop = from
  while (stop < text.length && text[stop] !== delimiter && text[stop] !== '\n') stop++
  return { field: text.slice(from, stop), stop }
}

/** Two quotes within it are one. */
const quotedField = (text: string, from: number, { delimiter, file, line }: Place) => {
  let close = from + 1
  for (; ; close++) {
    close = text.indexOf('"', close)
    if (close < 0) throw wrongSymbol(file, line, 'a quote that is closed', text.slice(from, from + 60))
    if (text[close + 1] !== '"') break
    close++
  }
  const stop = text[close + 1] === '\r' ? close + 2 : close + 1
  if (stop < text.length && text[stop] !== delimiter && text[stop] !== '\n')
    throw wrongSymbol(file, line, 'the end of a field after its closing quote', text[stop])
  return { field: text.slice(from + 1, close).replaceAll('""', '"'), stop }
}

/** The tags of a page, so that tests see what a browser would take for one. */

import assert from 'node:assert/strict'

const TAG = /^<(?:!DOCTYPE html|\/?[a-z][a-z0-9]*(?: [A-Za-z][\w:-]*(?:="[^"<>]*")?)*\/?)>$/
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }

/** Each tag without what its attributes say: `<td>`, `<img src width>`. An AssertionError where a `<` begins none. */
export const tagsOf = (page: string): string[] =>
  [...page.matchAll(/<[^>]*>?/g)].map(([tag]) => {
    assert.match(tag, TAG)
    return tag.replace(/="[^"]*"/g, '')
  })

export const unescaped = (text: string): string =>
  text.replace(/&([^;]*);/g, (_, name: string) => ENTITIES[name] ?? assert.fail(name))

/** What a reader sees, style sheet left out, one space for many. */
export const wordsOf = (page: string): string =>
  unescaped(page.replace(/<style>.*<\/style>/s, '').replace(/<[^>]*>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim()

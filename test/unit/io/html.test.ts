import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'

import { chart, html, page, picture, table, wide, type Html } from '../../../src/io/html.js'
import { encodePng } from '../../../src/io/png.js'
import { holds } from '../../support/property.js'
import { tagsOf, unescaped, wordsOf } from '../../support/tags.js'

/** Text of the worst kind: markup, quotes, control characters, single surrogates. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '</title><script>alert(1)</script>',
    '</style><b>',
    '" onload="x',
    "' onload='x",
    '<!--',
    ']]>',
    '&amp;',
    '\u0000\ud800',
    '${0}$&',
  ),
)
const legal = (text: string): string => text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')

const png = encodePng({ width: 3, height: 2, channels: 1, data: new Uint8Array(6) })
const sample = (text: string): Html[] => [
  html`<p title="${text}">${text}</p>`,
  table(text, text, [text, 'value'], [{ cells: [text, 1], marked: true }, { cells: [text, text] }]),
  picture({ png, width: 3, height: 2 }, text),
  wide(
    text,
    chart(
      [
        {
          label: text,
          points: [
            { x: 0, y: 1 },
            { x: 1, y: 2 },
          ],
        },
      ],
      { title: 'x', xLabel: text, yLabel: text },
    ),
  ),
]

test('whatever text is filled in, the tags of a page are the same', () => {
  const plain = tagsOf(page('x', sample('x')))
  holds(
    hostile.filter((text) => text.trim() !== ''),
    300,
    (text) => assert.deepEqual(tagsOf(page(text, sample(text))), plain),
  )
})

test('text reads as it was given, between tags and in quotes, but for characters that XML has not', () => {
  holds(hostile, 300, (text) => {
    const [, quoted, between] = /<p title="([^"]*)">([^<]*)<\/p>/.exec(page('x', [html`<p title="${text}">${text}</p>`]))!
    assert.deepEqual([unescaped(quoted!), unescaped(between!)], [legal(text), legal(text)])
  })
})

test('nothing but what html.ts made is markup', () => {
  for (const forged of ['{"markup":"<b>"}', '{"Symbol(markup)":"<b>"}', '{"html":"<b>"}', 'null', '{}']) {
    assert.throws(() => html`${JSON.parse(forged) as never}`, TypeError, forged)
  }
  assert.match(page('x', [html`${html`<b>bold</b>`}${'<i>'}`]), /<b>bold<\/b>&lt;i&gt;/)
})

test('a page lets nothing be fetched or run, tells its language, fits a phone and both colour schemes', () => {
  const text = page('Runs', sample('x'))
  assert.match(
    text,
    /^<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'/,
  )
  assert.match(text, /<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Runs<\/title>/)
  assert.match(text, /prefers-color-scheme: dark/)
  assert.doesNotMatch(text, /https?:|<script|<link|<iframe|@import|url\(|\son[a-z]+=/i)
  assert.equal(page('Runs', sample('x')), text)
})

test('a picture is its bytes, with its size and what it shows', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => 255 - i)
  const [, code, rest] = /src="data:image\/png;base64,([^"]*)"(.*)>/.exec(
    page('x', [picture({ png: bytes, width: 3, height: 2 }, 'a "film"')]),
  )!
  // Buffer would also take the other base64, which browsers do not
  assert.deepEqual(
    Uint8Array.from(atob(code!), (letter) => letter.charCodeAt(0)),
    bytes,
  )
  assert.equal(rest, ' width="3" height="2" alt="a &quot;film&quot;"')
})

test('a table names its columns and rows, and marks rows', () => {
  const text = page('x', [
    table('Scores', 'lower is better', ['run', 'test'], [{ cells: ['a', 1.5] }, { cells: ['b', 2], marked: true }]),
  ])
  assert.match(text, /<th scope="col">run<\/th>\n<th scope="col">test<\/th>/)
  assert.match(
    text,
    /<tr><th scope="row">a<\/th><td>1.5<\/td><\/tr>\n<tr class="marked"><th scope="row">b<\/th><td>2<\/td><\/tr>/,
  )
  assert.match(text, /role="region" aria-label="Scores" tabindex="0"/)
  assert.equal(wordsOf(text), 'x lower is better run test a 1.5 b 2')
})

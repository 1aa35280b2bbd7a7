import assert from 'node:assert/strict'
import { test } from 'node:test'

import { linesOf, type Line } from '../../../src/io/lines.js'

const chunksOf = async function* (...chunks: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

const textsOf = async (longest: number, ...chunks: readonly (string | Uint8Array)[]): Promise<readonly string[]> => {
  const lines: Line[] = []
  for await (const line of linesOf(chunksOf(...chunks), longest)) lines.push(line)
  assert.deepEqual(
    lines.map(({ number }) => number),
    lines.map((_, i) => i + 1),
  )
  return lines.map(({ text }) => text)
}

test('lines end with either end of line, the last may lack it, and empty ones are lines', async () => {
  assert.deepEqual(await textsOf(9, 'a\r\n\nb c\n', '\n', 'd'), ['a', '', 'b c', '', 'd'])
  assert.deepEqual(await textsOf(9), [])
  assert.deepEqual(await textsOf(9, 'a\n'), ['a'])
})

test('however the bytes are cut, within a character too, the lines are the same', async () => {
  const bytes = Buffer.from('äö\n€\n\u{1f600}x\n')
  for (let cut = 0; cut <= bytes.length; cut++)
    assert.deepEqual(await textsOf(20, bytes.subarray(0, cut), bytes.subarray(cut)), ['äö', '€', '\u{1f600}x'])
})

test('a line is there as soon as its end is, whatever follows', async () => {
  let asked = 0
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    for (const text of ['a\nb', '\nc\n']) {
      asked++
      yield Buffer.from(text)
    }
  }
  const lines = linesOf(chunks(), 9)
  assert.equal((await lines.next()).value?.text, 'a')
  assert.equal(asked, 1)
  assert.equal((await lines.next()).value?.text, 'b')
})

test('a line that is too long, before its end or after, or that is no UTF-8, is named, and those before it are read', async () => {
  const read: string[] = []
  const reading = async (...chunks: readonly (string | Uint8Array)[]): Promise<void> => {
    read.length = 0
    for await (const { text } of linesOf(chunksOf(...chunks), 4)) read.push(text)
  }
  const long = { name: 'FileError', message: '"line 2" expected at most 4 bytes, got more' }
  await assert.rejects(reading('abcd\n', 'abc', 'de'), long)
  assert.deepEqual(read, ['abcd'])
  await assert.rejects(reading('abcd\nabcde\n'), long)
  assert.deepEqual(read, ['abcd'])
  await assert.rejects(reading(Uint8Array.of(97, 10, 97, 255, 10)), {
    name: 'FileError',
    message: /^"line 2, byte 1" expected UTF-8, got 255; /,
  })
  assert.deepEqual(read, ['a'])
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressOn } from '../../../src/io/terminal.js'

/** What is written by a work of 100 parts, one a second, that is shown at each. */
const written = (stream: object): string[] => {
  const lines: string[] = []
  let time = 1000
  const progress = progressOn(
    { ...stream, write: (text: string) => lines.push(text) } as unknown as NodeJS.WriteStream,
    () => time,
  )
  for (let done = 0; done <= 100; done++, time++) progress.show(done, 100, '7.5 batches/s  105.3 nats a frame  validation 109.2')
  progress.clear()
  return lines
}

test('without a terminal a line is written after ten seconds, and then every thirty, with the time left', () => {
  const rest = '7.5 batches/s  105.3 nats a frame  validation 109.2\n'
  assert.deepEqual(written({}), [
    `10 %  1:30 left  ${rest}`,
    `40 %  1:00 left  ${rest}`,
    `70 %  0:30 left  ${rest}`,
    `100 %  0:00 left  ${rest}`,
  ])
})

test('on a terminal one line replaces itself; on a narrow one time left and rate are what stays', () => {
  const lines = written({ isTTY: true, columns: 40 })
  assert.equal(lines.length, 102)
  assert.equal(lines[0], '\r\u001b[2K  0 %  ? left  7.5 batches/s  105.3 nat')
  assert.equal(lines[25], '\r\u001b[2K 25 %  1:15 left  7.5 batches/s  105.3 ')
  assert.equal(lines.at(-1), '\r\u001b[2K')
  // some terminals say that they have no columns at all
  assert.match(written({ isTTY: true, columns: 0 })[25]!, /109\.2$/)
})

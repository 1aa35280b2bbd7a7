/** What a file that is no file of its kind may do: give one FileError of one line. */

import assert from 'node:assert/strict'

import { PtncnError } from '../../../src/errors.js'

/** True where `run` returned, false where it refused as it should; anything else fails. */
export const returnsOrRefuses = (run: () => unknown): boolean => {
  try {
    run()
    return true
  } catch (error) {
    assert.ok(error instanceof PtncnError, String(error))
    assert.equal(error.name, 'FileError')
    assert.doesNotMatch(error.message, /[\n\r\u2028\u2029]/)
    assert.ok(error.message.length < 600, error.message)
    return false
  }
}

/** With PRINT=1, how many were tried and how many of them refused. */
export const report = (what: string, tried: number, refused: number): void => {
  if (process.env['PRINT'] === '1') console.log(`${what}: ${tried} tried, ${refused} refused, none else`)
}

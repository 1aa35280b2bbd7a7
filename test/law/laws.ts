/** How a law is tested: it holds for the right subjects, and is broken by each negative control. */

import assert from 'node:assert/strict'
import { test } from 'node:test'

type Statement<Subject> = (subject: Subject) => void | Promise<void>

/** What test/law/README.md lists of a law. */
export interface Stated {
  readonly title: string
  readonly subjects: readonly string[]
  readonly controls: readonly string[]
}

/** Every law of the test files that have been loaded, in their order. */
export const STATED: Stated[] = []

/** Lets the reporter write between two tests, so that a failure is seen at once and not at the end. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * One test that the law holds for each subject, and one for each control that it does not. A control counts
 * only where it is the law that fails: with an AssertionError, not with some other mishap.
 */
export const law = <Subject>(
  title: string,
  statement: Statement<Subject>,
  subjects: Readonly<Record<string, Subject>>,
  controls: Readonly<Record<string, Subject>>,
): void => {
  STATED.push({ title, subjects: Object.keys(subjects), controls: Object.keys(controls) })
  for (const [name, subject] of Object.entries(subjects))
    test(`${title} (${name})`, async () => {
      await turn()
      await statement(subject)
    })
  for (const [name, control] of Object.entries(controls)) {
    test(`${title} -- is broken by ${name}`, () =>
      assert.rejects(async () => {
        await turn()
        await statement(control)
      }, /AssertionError|ERR_ASSERTION/))
  }
}

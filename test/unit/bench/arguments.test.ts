import assert from 'node:assert/strict'
import { test } from 'node:test'

import { HELP, SECTIONS, settingsFrom } from '../../bench/arguments.js'
import { CASES } from '../../bench/cases.js'

test('settingsFrom: everything, where nothing is said', () => {
  assert.deepEqual(settingsFrom([]), { noPeers: false, quick: false, sections: SECTIONS, cases: CASES })
})

test('settingsFrom: one section, or one case and the section of cases', () => {
  assert.deepEqual(settingsFrom(['--only', 'memory'])?.sections, ['memory'])
  const one = settingsFrom(['--only', 'online-256', '--quick', '--json', 'a.json'])
  assert.deepEqual(one?.sections, ['cases'])
  assert.deepEqual(
    one?.cases.map(({ name }) => name),
    ['online-256'],
  )
  assert.equal(one?.json, 'a.json')
  assert.equal(one?.quick, true)
})

test('settingsFrom: help is no error, and names every option', () => {
  assert.equal(settingsFrom(['--help']), undefined)
  for (const option of ['--json', '--only', '--peers', '--no-peers', '--quick']) assert.match(HELP, new RegExp(option))
})

test('settingsFrom: what is wrong is said in one line', () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--only', 'nothing'], /"--only" expected one of probe, .*online-256.*got "nothing"/],
    [['--fast'], /--fast.*see npm run bench -- --help/],
    [['file'], /file.*see npm run bench/],
    [['--json', ''], /"--json" expected a path, got ""/],
    [['--json'], /--json/],
    [['--no-peers', '--peers', 'x'], /"--no-peers" expected no --peers beside it/],
  ]
  for (const [args, message] of wrong) {
    assert.throws(
      () => settingsFrom(args),
      (error: Error) => {
        assert.equal(error.name, 'UsageError')
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /\n/)
        return true
      },
    )
  }
})

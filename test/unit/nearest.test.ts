import assert from 'node:assert/strict'
import { test } from 'node:test'
import { meant, nearest } from '../../src/nearest.js'

test('the name that a slip of the finger has missed, or of which enough is there', () => {
  const names = ['train', 'eval', 'generate', 'zero-shot', 'text', 'reber', 'bouncing-mnist', 'bouncing-notmnist']
  for (const [word, name] of [
    ['trian', 'train'],
    ['tran', 'train'],
    ['traain', 'train'],
    ['Evel', 'eval'],
    ['gen', 'generate'],
    ['zeroshot', 'zero-shot'],
    ['bouncing-notmnits', 'bouncing-notmnist'],
    ['bouncing', undefined],
    ['xyz', undefined],
    ['t', undefined],
    ['a'.repeat(100_000), undefined],
    [7, undefined],
  ] as const)
    assert.equal(nearest(word, names), name, String(word).slice(0, 20))
  assert.equal(meant('rebr', names), 'did you mean "reber"?')
  assert.equal(meant('xyz', names), '')
})

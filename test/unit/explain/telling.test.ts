/** What is told of a number ends with the number, whatever the configuration. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishedCases } from '../../../src/conform/vectors.js'
import { tell, tellElement, type Told } from '../../../src/explain/telling.js'

/** Elements of a result that are told: all of a small one, of a large one the first and last. */
const elementsOf = ({ rows, cols }: { readonly rows: number; readonly cols: number }): readonly (readonly [number, number])[] => {
  const all = Array.from({ length: rows * cols }, (_, i) => [Math.floor(i / cols), i % cols] as const)
  return all.length <= 12 ? all : [...all.slice(0, 4), ...all.slice(-4)]
}

const toldSteps = function* (): Generator<Told> {
  for (const { scenario, expect } of publishedCases()) {
    if (!scenario || 'refusal' in expect) continue
    let before = scenario.from
    for (const moment of scenario.inputs) {
      const told = tell(scenario, before, moment)
      yield told
      before = told.outcome.situation
    }
  }
}

test('[pr-reads] each number of every published step is told from what its rule reads, to its bits', () => {
  const kinds = new Set<string>()
  let count = 0
  for (const told of toldSteps()) {
    for (const rule of told.rules) {
      const result = told.known.get(rule.id)
      assert.ok(result, `${rule.id} is in the trace`)
      for (const [row, col] of elementsOf(result)) {
        const { lines, value } = tellElement(told, rule, row, col)
        assert.ok(Object.is(lines.at(-1)!.value, value))
        const named = lines.flatMap(({ operands, terms = [] }) => [...operands, ...terms.flatMap((term) => term.operands)])
        for (const { name } of named) {
          const parts = name.split(' - ')
          assert.ok(
            parts.every((part) => Object.values(rule.reads).includes(part)),
            `${rule.id} reads ${name}`,
          )
        }
        kinds.add(rule.kind)
        count++
      }
    }
  }
  assert.equal(kinds.size, 23)
  assert.ok(count > 10_000, `only ${count} numbers`)
})

test('a telling that does not end with the number says nothing', () => {
  const { scenario } = publishedCases().find(({ expect, scenario }) => scenario && 'steps' in expect)!
  const told = tell(scenario!, scenario!.from, scenario!.inputs[0]!)
  const rule = told.rules.find(({ kind }) => kind === 'predictionError')!
  const p = told.known.get(rule.reads['left']!)!
  const known = new Map([...told.known, [rule.reads['left']!, { ...p, data: Float32Array.from(p.data, (x) => x + 1) }]])
  assert.throws(() => tellElement({ ...told, known }, rule, 0, 0), /was told as/)
})

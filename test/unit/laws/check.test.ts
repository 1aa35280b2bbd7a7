/** `ptncn/laws`: rules that keep every law, a mistake for each law, and exact gradients, which break what they must. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkRule, findingsText, ptncnRule, type Finding, type LearningRule } from '../../../src/laws.js'
import { bptt, MISTAKES, oja, randomFeedback, rtrl, tbptt } from './rules.js'

const RUNS = 8
const brokenBy = async (make: () => LearningRule): Promise<readonly Finding[]> =>
  (await checkRule(make, { runs: RUNS })).filter(({ holds }) => !holds)
const names = (findings: readonly Finding[]): readonly string[] => findings.map(({ law }) => law)

const KEEP: Readonly<Record<string, () => LearningRule>> = {
  'P-TNCN, released': () => ptncnRule(),
  'P-TNCN, online, two passes, biases': () => ptncnRule({ passes: 2, biases: true }, 'online'),
  'P-TNCN, paper, corrections of the drive': () => ptncnRule({ correctionSignal: 'drive' }, 'paper'),
  'errors by fixed random weights': randomFeedback,
  "Oja's rule": oja,
}

for (const [name, make] of Object.entries(KEEP)) {
  test(`every law holds for ${name}`, async () => {
    const findings = await checkRule(make, { runs: RUNS })
    assert.equal(findings.length, 11)
    assert.deepEqual(names(findings.filter(({ holds }) => !holds)), [], findingsText(findings))
  })
}

for (const [law, make] of Object.entries(MISTAKES)) {
  test(`a rule that breaks the law "${law}" is told so, with a small counterexample`, async () => {
    const findings = await brokenBy(make)
    const found = findings.find((one) => one.law === law)
    assert.ok(found, findingsText(findings))
    assert.ok(found.what!.length > 20)
    if (law !== 'flat')
      assert.ok(found.counterexample!.steps <= 4 && found.counterexample!.units.length <= 3, findingsText([found]))
  })
}

const EXACT: Readonly<Record<string, readonly [make: () => LearningRule, laws: readonly string[]]>> = {
  'backpropagation through time': [bptt, ['size', 'past', 'local']],
  'backpropagation through three steps': [tbptt, ['past', 'local']],
  'real-time recurrent learning': [rtrl, ['local']],
}

for (const [name, [make, laws]] of Object.entries(EXACT)) {
  test(`${name} breaks ${laws.join(', ')}`, async () => {
    const found = names(await brokenBy(make))
    for (const law of laws) assert.ok(found.includes(law), `${law} not among ${found.join(', ')}`)
    for (const law of ['resume', 'pure', 'order', 'rows']) assert.ok(!found.includes(law), law)
  })
}

test('a rule that writes twice alike into its state or its input is seen to', async () => {
  for (const part of ['state', 'input'] as const) {
    const base = randomFeedback()
    const writing = (): LearningRule => ({
      ...base,
      respond: (moment) => {
        const answer = base.respond(moment)
        const { data } = part === 'input' ? moment.input : moment.state['z_before']!
        ;(data as Float32Array)[0] = 0.5
        return answer
      },
    })
    const found = (await brokenBy(writing)).find(({ law }) => law === 'pure')
    assert.match(found?.what ?? '', /writes into what it was given/, part)
  }
})

test('[ConfigError] what is no rule is refused in one line, and options are checked', async () => {
  await assert.rejects(checkRule(undefined as never), /"make" expected a function, got/)
  await assert.rejects(
    checkRule(() => ptncnRule(), { runs: 0 }),
    /"options.runs" expected/,
  )
})

/** A vector file against the reference: whether what it expects is what the reference gives. */

import type { Matrix } from '../numeric/matrix.js'
import type { Level } from './judge.js'
import { isCulprit, runScenario, type Outcome } from './serve.js'
import { judge } from './judge.js'
import { begun, courseOf, partOfName } from './situation.js'
import { sameBits } from './tensor.js'
import type { Case } from './vectors.js'

const expectedOf = ({ out, after, trace }: Outcome): ReadonlyMap<string, Matrix> =>
  new Map([['out', out], ...[...after.tensors].map(([name, value]) => [partOfName(name), value] as const), ...trace])

/** The first name whose bits differ, of those that the file has. */
const firstOther = (wanted: ReadonlyMap<string, Matrix>, got: ReadonlyMap<string, Matrix>): string | undefined =>
  [...got].find(([name, value]) => !wanted.has(name) || !sameBits(wanted.get(name)!, value))?.[0] ??
  [...wanted.keys()].find((name) => !got.has(name))

/** A complaint for each case whose expected values are not the reference's. */
export const checkPublished = (cases: readonly Case[], level: Level): readonly string[] =>
  cases.flatMap((one) => {
    const { id, scenario, expect } = one
    if (!scenario) return []
    const outcomes = runScenario(scenario)
    const last = outcomes.at(-1)!
    if ('refusal' in expect) {
      const same = isCulprit(last) && last.equation === expect.refusal.equation && last.layer === expect.refusal.layer
      return same ? [] : [`${id}: the reference does not stop there`]
    }
    if (isCulprit(last)) return [`${id}: the reference stops at ${last.equation}`]
    if (expect.steps.length !== outcomes.length)
      return [`${id}: ${expect.steps.length} steps expected, ${outcomes.length} asked for`]
    return level === 'bit' ? checkBits(one, outcomes as readonly Outcome[]) : checkBounds(one)
  })

const checkBits = ({ id, expect }: Case, outcomes: readonly Outcome[]): readonly string[] => {
  if ('refusal' in expect) return []
  return outcomes.flatMap((outcome, step) => {
    const other = firstOther(expectedOf(outcome), new Map([...expect.steps[step]!.parts, ...expect.steps[step]!.trace]))
    return other === undefined ? [] : [`${id}, step ${step}: ${other} has other bits`]
  })
}

/** Another's expected values, judged as a port's answer would be. */
const checkBounds = ({ id, scenario, expect }: Case): readonly string[] => {
  if ('refusal' in expect || !scenario) return []
  const { config, train } = scenario
  let from = scenario.from
  return expect.steps.flatMap((answer, step) => {
    const moment = scenario.inputs[step]!
    const start = moment.begin ? begun(config, from, moment.x.rows, moment.begin) : from
    const given = new Map([...start.tensors, ['x', moment.x] as const, ['m', moment.mask] as const])
    const asked = { setting: { config, t: start.t, key: start.key }, course: courseOf(config, start, moment, train), given }
    const { findings } = judge(asked, { ...answer, full: true }, 'tol')
    from = answer.situation
    return findings.slice(0, 1).map(({ name }) => `${id}, step ${step}: ${name} is wrong`)
  })
}

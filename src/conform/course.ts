/**
 * What a port took a step for: one that learns, is scored, or applies. Where that is not what the step is, this alone is
 * said, and the rest is judged as of the step that the port did. [sq-learn] [sq-update]
 */

import { finding, type Finding } from './compare.js'
import { applies, rulesOf, type Course } from './equations/graph.js'
import type { StepAnswer } from './port/wire.js'
import type { Start } from './scenario.js'

const LEARNT = /^(?:L\d|O1|O2)\./
const SCORED = /^S\d\./
const APPLIED = /^(?:op-state|O[345])\./

export interface Taken {
  readonly course: Course
  readonly findings: readonly Finding[]
}

/** How much of what a course has of some names is in a trace: all, none, or a part. */
const share = (names: readonly string[], wanted: readonly string[]): 'all' | 'none' | 'some' => {
  const found = wanted.filter((name) => names.includes(name)).length
  return found === 0 ? 'none' : found === wanted.length ? 'all' : 'some'
}

/** Whether a trace has a part of a step's course: as `expected`, or turned round where that is plain. */
const took = (
  names: readonly string[],
  of: RegExp,
  { setting }: Start,
  expected: boolean,
  full: boolean,
  course: Course,
): boolean => {
  const wanted = rulesOf(setting.config, course)
    .map(({ id }) => id)
    .filter((id) => of.test(id))
  const found = share(names, wanted)
  if (expected) return !(full && found === 'none' && wanted.length > 0)
  return wanted.length > 1 || /^S/.test(wanted[0] ?? '') ? found === 'all' : false
}

/** The course that a port took, by its trace; `full` says that every equation has to be there. */
export const courseTaken = (start: Start, { trace }: StepAnswer, complete: boolean): Taken => {
  const { setting, course } = start
  const { config, t } = setting
  const names = [...trace.keys()]
  // a trace that lacks more than a part of the step says nothing of what the step was taken for
  const forward = rulesOf(config, { learns: false, scored: false, summed: false, ends: false })
  const full = complete && forward.every(({ id }) => trace.has(id))
  const whole: Course = { ...course, learns: true, scored: true, applied: true }
  const learns = took(names, LEARNT, start, course.learns, full, whole)
  // a step of a run that learns, and that lacks a score alone, lacks a score
  const scored = course.learns && learns ? true : took(names, SCORED, start, course.scored, full, whole)
  const due = applies(config, course)
  const applied = took(names, APPLIED, start, due, full, whole)
  const findings: Finding[] = []
  const where = `t is ${t}, and learnFrom ${config.learnFrom}`
  if (learns !== course.learns)
    findings.push(
      finding(
        'wrong',
        'sq-learn',
        'the step',
        learns ? `learned, and is no learning step: ${where}` : `learned nothing, and is a learning step: ${where}`,
      ),
    )
  else if (applied !== due)
    findings.push(
      finding(
        'wrong',
        'sq-update',
        'the step',
        applied ? 'moved the weights, and no update was due' : 'moved no weight, and an update was due',
      ),
    )
  if (scored !== course.scored && learns === course.learns)
    findings.push(
      scored
        ? finding('unexpected', 'sq-learn', 'the step', `was scored: ${where}`)
        : finding('shape', 'sq-learn', 'the step', `was not scored: ${where}`),
    )
  return { course: { ...course, learns, scored, ...(applied !== due && { applied }) }, findings }
}

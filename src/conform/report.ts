/** What a run has found: for a reader, in plain text with colours only where they are asked for, and for other programs. */

import { SPEC_VERSION } from '../ptncn/config.js'
import { EQUATIONS } from './equations/graph.js'
import type { Level } from './equations/rounding.js'
import type { Finding } from './compare.js'
import { accused } from './matrix.js'
import { CAPS } from './reference.js'
import { SPEED_UNITS, type Speed } from './speed.js'
import { commandText, type Hello } from './port/connection.js'
import { PROTOCOL, toBits } from './port/wire.js'
import type { Failure } from './put.js'
import { count, STATUS, unreached, type Result, type Tally } from './session.js'
import { VECTORS_VERSION } from './vectors.js'

type Paint = (text: string, colour: 'red' | 'green' | 'yellow' | 'bold') => string

const CODES = { red: 31, green: 32, yellow: 33, bold: 1 } as const

export const painter =
  (coloured: boolean): Paint =>
  (text, colour) =>
    coloured ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text

const decimal = (x: number): string => (Object.is(x, -0) ? '-0' : Number.isFinite(x) ? x.toPrecision(7) : String(x))
const number = (x: number): string => `${toBits(x)} (${decimal(x)})`

/** 14, 0.25, 2.1e6, infinite */
const units = (x: number): string =>
  x === Infinity ? 'infinite' : x >= 1e4 ? x.toExponential(1).replace('e+', 'e') : x.toPrecision(3).replace(/\.?0+$/, '')

/** What stands in the brackets behind the equation: the name of the result without it. */
const symbol = ({ name, equation }: Finding): string => (name.startsWith(`${equation}.`) ? name.slice(equation.length + 1) : name)

const agreeing = (equation: string): string => {
  const at = EQUATIONS.indexOf(equation)
  return at <= 0 ? '' : at === 1 ? '; A1 agrees' : `; A1 to ${EQUATIONS[at - 1]} agree`
}

const findingLines = ({ finding, what, hint }: Failure): readonly string[] => {
  if (!finding || finding.what) return [what, ...(hint ? [`hint: ${hint}`] : [])]
  const { expected, got, equation, allowed } = finding
  const error =
    finding.units === Infinity && allowed === 0 ? '' : `   error ${units(finding.units)} units (allowed ${units(allowed)})`
  const looks = finding.looksLike?.()
  return [
    `expected ${number(expected)}   got ${number(got)}${error}${agreeing(equation)}`,
    ...(looks ? [`looks like: ${looks}`] : []),
    ...(finding.note ? [`note: ${finding.note}`] : []),
  ]
}

const heading = ({ kind, finding, step, equation }: Failure): string => {
  if (!finding) return equation ? `${kind}: ${equation}` : kind
  const place = finding.what ? '' : `, element [${finding.row},${finding.col}]`
  const label = kind === 'wrong' ? 'first wrong' : kind
  return `${label}: ${finding.equation} (${symbol(finding)})${step === undefined ? '' : `, step ${step}`}${place}`
}

/** One failed case. */
export const caseText = (paint: Paint, { id, failures, why, equations = [] }: Result, again: string): string => {
  const [first] = failures
  const others = [...new Set(failures.map(({ equation }) => equation))].filter(
    (equation) => equation !== undefined && equation !== first!.equation,
  )
  const lines = [
    ...findingLines(first!),
    ...(others.length > 0 ? [`wrong by themselves, from the port's own inputs: ${others.join(', ')}`] : []),
    // what a case is about helps where the mistake is of that
    ...(why && bears(equations, first!) ? [`this case: ${why}`] : []),
    ...(first!.stderr ? [`stderr: ${lastLine(first!.stderr)}`] : []),
    `again: ${again}`,
  ]
  return `${paint('FAIL', 'red')} ${paint(id, 'bold')}   ${heading(first!)}\n${lines.map((line) => `  ${line}\n`).join('')}`
}

const bears = (equations: readonly string[], { equation }: Failure): boolean =>
  equation !== undefined && (equations.includes(equation) || (equation === 'O1' && equations.includes('O2')))

const lastLine = (text: string): string => (text.trim().split('\n').at(-1) ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 200)

/** The command that shows one case again; `which` chooses it. */
export const againCommand = (which: string, command: readonly string[]): string =>
  `ptncn conform ${which} -- ${commandText(command)}`

export interface Closing {
  readonly hello: Hello
  readonly tally: Tally
  readonly level: Level
  readonly status: number
  readonly seconds: number
  /** what had to have its id, to be left out */
  readonly skipped?: string
  readonly speed?: Speed
}

/** What the reference can do and the port does not claim: no verdict is about it. */
const beyond = ({ caps }: Hello): readonly string[] => {
  const lists = (['specs', 'ops', 'activations', 'outputs', 'optimizers'] as const).map((name): [string, readonly string[]] => [
    name,
    (CAPS[name] as readonly string[]).filter((one) => !(caps[name] as readonly string[]).includes(one)),
  ])
  const sizes = (['layers', 'maxDims'] as const)
    .filter((name) => caps[name] < CAPS[name])
    .map((name) => `${name} above ${caps[name]}`)
  const traces = caps.trace === 'full' ? [] : ['results that are not traced']
  return [...lists.filter(([, left]) => left.length > 0).map(([name, left]) => `${name} ${left.join(', ')}`), ...sizes, ...traces]
}

const milliseconds = (x: number): string => (x < 10 ? x.toFixed(1) : x.toFixed(0))

/** The level that the run has shown, or none. */
export const achieved = ({ tally, status, level }: Closing): Level | 'none' =>
  status !== STATUS.conforms ? 'none' : tally.bitExact ? 'bit' : level

/** What a verdict leaves out, as whoever asked for it wanted. */
const withoutText = ({ skipped, tally }: Closing): string =>
  skipped === undefined ? '' : `, without the ${count(tally.results, 'skip')} cases that were left out (--skip ${skipped})`

/** The last lines of a run. */
export const closingText = (paint: Paint, closing: Closing): string => {
  const { hello, tally, level, status, seconds, speed } = closing
  const [{ port, caps }, { results }] = [hello, tally]
  const wrong = [...accused(results)].map(([equation, cases]) => `${equation} in ${cases}`)
  const worst = [...tally.worst].filter(([, value]) => value > 0).map(([equation, value]) => `${equation} ${units(value)}`)
  const reasons = [...new Set(results.flatMap(({ reason }) => reason ?? []))]
  const missing = caps.trace === 'none' || status === STATUS.failures ? [] : unreached(tally, caps)
  const [verdict, colour] =
    status === STATUS.conforms
      ? ([`conforms at the level ${achieved(closing)}${withoutText(closing)}`, 'green'] as const)
      : status === STATUS.failures
        ? (['does not conform', 'red'] as const)
        : (['no verdict', 'yellow'] as const)
  const outside = status === STATUS.conforms ? beyond(hello) : []
  const counts = (['pass', 'fail', 'skip', 'not run'] as const).map((one) => count(results, one))
  const [passed, failed, skipped, notRun] = counts
  return [
    `${results.length} cases: ${passed} passed, ${failed} failed, ${skipped} skipped, ${notRun} not run; ${seconds.toFixed(1)} s`,
    ...(wrong.length > 0 ? [`wrong: ${wrong.join(', ')} of the cases`] : []),
    ...(reasons.length > 0 ? [`left out: ${reasons.join('; ')}`] : []),
    ...(worst.length > 0 ? [`worst error in units of 2^-24 of the terms: ${worst.join(', ')}`] : []),
    ...(caps.trace === 'none' ? ['the port traces nothing: mistakes are not localised'] : []),
    ...(missing.length > 0 ? [`never reached: ${missing.join(', ')}`] : []),
    ...(outside.length > 0 ? [`not claimed, so not asked: ${outside.join('; ')}`] : []),
    ...(speed
      ? [
          `a learning step of ${SPEED_UNITS} units, one row, the protocol included: ${milliseconds(speed.port)} ms (the reference here: ${milliseconds(speed.reference)} ms)`,
        ]
      : []),
    `${port.name} ${port.version} (${port.language}) ${paint(verdict, colour)}; asked for ${level}`,
  ]
    .map((line) => `${line}\n`)
    .join('')
}

/** XML has no place for control characters, not even escaped ones. */
const xml = (text: string): string =>
  text.replace(/[^\t\n\x20-\ud7ff\ue000-\ufffd]/g, '?').replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

const message = ({ kind, what, equation, step }: Failure): string =>
  `${kind}${equation ? ` ${equation}` : ''}${step === undefined ? '' : `, step ${step}`}: ${what}`

const testcase = ({ id, topic, status, failures, reason, ms }: Result): string => {
  const head = `  <testcase classname="${xml(topic)}" name="${xml(id)}" time="${(ms / 1000).toFixed(3)}"`
  if (status === 'pass') return `${head}/>`
  const inner =
    status === 'fail'
      ? failures
          .slice(0, 20)
          .map((failure) => `<failure type="${xml(failure.kind)}" message="${xml(message(failure))}"/>`)
          .join('')
      : `<skipped message="${xml(reason ?? status)}"/>`
  return `${head}>${inner}</testcase>`
}

export const junit = (results: readonly Result[]): string => {
  const failures = count(results, 'fail')
  const skipped = results.length - failures - count(results, 'pass')
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="ptncn conform" tests="${results.length}" failures="${failures}" skipped="${skipped}">`,
    ...results.map(testcase),
    '</testsuite>',
    '',
  ].join('\n')
}

const tapLine = ({ id, status, failures, reason }: Result, i: number): string => {
  const escape = (text: string): string => text.replace(/[\\#]/g, '\\$&').replace(/\s+/g, ' ')
  const ok = status === 'fail' || status === 'not run' ? 'not ok' : 'ok'
  const more = status === 'skip' ? ` # SKIP ${escape(reason ?? '')}` : ''
  const notes = failures
    .slice(0, 3)
    .map((failure) => `\n# ${message(failure).replace(/\s+/g, ' ')}`)
    .join('')
  return `${ok} ${i + 1} - ${escape(id)}${more}${notes}`
}

export const tap = (results: readonly Result[]): string =>
  ['TAP version 13', `1..${results.length}`, ...results.map(tapLine), ''].join('\n')

export interface Circumstances extends Closing {
  readonly command: readonly string[]
  readonly seed: number
  readonly fuzzed: number
  /** of the published files, by name */
  readonly hashes: Readonly<Record<string, string>>
}

const bitsOf = (x: number | undefined): string | undefined => (x === undefined || Number.isNaN(x) ? undefined : toBits(x))

const shortFailure = ({ kind, equation, step, what, finding }: Failure): object => ({
  kind,
  equation,
  step,
  what,
  name: finding?.name,
  element: finding && [finding.row, finding.col],
  expected: bitsOf(finding?.expected),
  got: bitsOf(finding?.got),
})

/** The content of conform.json. */
export const conformJson = (of: Circumstances): string => `${JSON.stringify(conformRecord(of), undefined, 1)}\n`

/** The same as a record. */
export const conformRecord = (of: Circumstances): object => {
  const { hello, tally, level, status, seconds, command, seed, fuzzed, hashes } = of
  const { results, worst, reached } = tally
  const short = (x: number): number | string => (Number.isFinite(x) ? Number(x.toPrecision(4)) : 'infinite')
  return {
    format: 'ptncn-conform 1',
    spec: SPEC_VERSION,
    kit: SPEC_VERSION,
    protocol: PROTOCOL,
    vectors: VECTORS_VERSION,
    hashes,
    port: hello.port,
    caps: hello.caps,
    command,
    seed,
    fuzzed,
    level: { asked: level, achieved: achieved(of) },
    status,
    seconds: Number(seconds.toFixed(3)),
    counts: {
      cases: results.length,
      passed: count(results, 'pass'),
      failed: count(results, 'fail'),
      skipped: count(results, 'skip'),
      notRun: count(results, 'not run'),
    },
    accused: Object.fromEntries(accused(results)),
    worstUnits: Object.fromEntries([...worst].map(([equation, units]) => [equation, short(units)])),
    reached: [...reached].sort(),
    notReached: unreached(tally, hello.caps),
    notAsked: beyond(hello),
    ...(of.skipped !== undefined && { skip: of.skipped }),
    ...(of.speed && { millisecondsAStep: of.speed }),
    failures: results
      .filter((result) => result.status === 'fail')
      .map(({ id, failures }) => ({ id, failures: failures.slice(0, 5).map(shortFailure) })),
  }
}

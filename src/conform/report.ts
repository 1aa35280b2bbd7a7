/** What a reader sees. Plain text; colours only where they are asked for. */

import type { Failure } from './client.js'
import { commandText } from './connection.js'
import type { Finding, Level } from './judge.js'
import { unreached, type Hello, type Result, type Tally } from './session.js'
import { toBits } from './tensor.js'

type Paint = (text: string, colour: 'red' | 'green' | 'yellow' | 'bold') => string

const CODES = { red: 31, green: 32, yellow: 33, bold: 1 } as const

export const painter =
  (coloured: boolean): Paint =>
  (text, colour) =>
    coloured ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text

const number = (x: number): string => `${toBits(x)} (${Number.isFinite(x) ? x.toPrecision(7) : String(x)})`

/** 14, 0.25, 2.1e6, infinite */
export const units = (x: number): string =>
  x === Infinity ? 'infinite' : x >= 1e4 ? x.toExponential(1).replace('e+', 'e') : x.toPrecision(3).replace(/\.?0+$/, '')

/** What stands in the brackets behind the equation: the name of the result without it. */
const symbol = ({ name, equation }: Finding): string => (name.startsWith(`${equation}.`) ? name.slice(equation.length + 1) : name)

const ORDER = [
  'A1',
  'A2',
  'P1',
  'C1',
  'C2',
  'C3',
  'C4',
  'L1',
  'L2',
  'L3',
  'L4',
  'L5',
  'L6',
  'S1',
  'S2',
  'S3',
  'S4',
  'O1',
  'O2',
  'O3',
  'O4',
]

const agreeing = (equation: string): string => {
  const at = ORDER.indexOf(equation)
  return at <= 0 ? '' : at === 1 ? '; A1 agrees' : `; A1 to ${ORDER[at - 1]} agree`
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
  ]
}

const heading = ({ kind, finding, step, equation }: Failure): string => {
  if (!finding) return equation ? `${kind}: ${equation}` : kind
  const place = finding.what ? '' : `, element [${finding.row},${finding.col}]`
  const label = kind === 'wrong' ? 'first wrong' : kind
  return `${label}: ${finding.equation} (${symbol(finding)})${step === undefined ? '' : `, step ${step}`}${place}`
}

/** One failed case. */
export const caseText = (paint: Paint, { id, failures, why }: Result, again: string): string => {
  const [first] = failures
  const others = [...new Set(failures.map(({ equation }) => equation))].filter(
    (equation) => equation !== undefined && equation !== first!.equation,
  )
  const lines = [
    ...findingLines(first!),
    ...(others.length > 0 ? [`wrong by themselves, from the port's own inputs: ${others.join(', ')}`] : []),
    ...(why ? [`this case: ${why}`] : []),
    ...(first!.stderr ? [`stderr: ${lastLine(first!.stderr)}`] : []),
    `again: ${again}`,
  ]
  return `${paint('FAIL', 'red')} ${paint(id, 'bold')}   ${heading(first!)}\n${lines.map((line) => `  ${line}\n`).join('')}`
}

const lastLine = (text: string): string => (text.trim().split('\n').at(-1) ?? '').replace(/[^\x20-\x7e]/g, '?').slice(0, 200)

export const againCommand = (id: string, command: readonly string[]): string =>
  `ptncn conform --only ${id} -- ${commandText(command)}`

const counted = (results: readonly Result[], status: Result['status']): number =>
  results.filter((result) => result.status === status).length

/** How many cases each equation was first wrong in. */
export const accused = (results: readonly Result[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { failures } of results) {
    for (const equation of new Set(failures.map((failure) => failure.equation ?? failure.kind)))
      counts.set(equation, (counts.get(equation) ?? 0) + 1)
  }
  return counts
}

export interface Closing {
  readonly hello: Hello
  readonly tally: Tally
  readonly level: Level
  readonly status: number
  readonly seconds: number
}

/** The level that the run has shown, or none. */
export const achieved = ({ tally, status }: Pick<Closing, 'tally' | 'status'>, level: Level): Level | 'none' =>
  status !== 0 ? 'none' : tally.bitExact ? 'bit' : level

/** The last lines of a run. */
export const closingText = (paint: Paint, closing: Closing): string => {
  const {
    hello: { port, caps },
    tally,
    level,
    status,
    seconds,
  } = closing
  const { results } = tally
  const wrong = [...accused(results)].map(([equation, cases]) => `${equation} in ${cases}`)
  const worst = [...tally.worst].filter(([, value]) => value > 0).map(([equation, value]) => `${equation} ${units(value)}`)
  const reasons = [...new Set(results.flatMap(({ reason }) => reason ?? []))]
  const missing = caps.trace === 'none' || status === 1 ? [] : unreached(tally)
  const verdict =
    status === 0
      ? paint(`conforms at the level ${achieved(closing, level)}`, 'green')
      : paint(status === 1 ? 'does not conform' : 'no verdict', status === 1 ? 'red' : 'yellow')
  return [
    `${results.length} cases: ${counted(results, 'pass')} passed, ${counted(results, 'fail')} failed, ${counted(results, 'skip')} skipped, ${counted(results, 'not run')} not run; ${seconds.toFixed(1)} s`,
    ...(wrong.length > 0 ? [`wrong: ${wrong.join(', ')} of the cases`] : []),
    ...(reasons.length > 0 ? [`left out: ${reasons.join('; ')}`] : []),
    ...(worst.length > 0 ? [`worst error in units of 2^-24 of the terms: ${worst.join(', ')}`] : []),
    ...(caps.trace === 'none' ? ['the port traces nothing: mistakes are not localised'] : []),
    ...(missing.length > 0 ? [`never reached: ${missing.join(', ')}`] : []),
    `${port.name} ${port.version} (${port.language}) ${verdict}; asked for ${level}`,
  ]
    .map((line) => `${line}\n`)
    .join('')
}

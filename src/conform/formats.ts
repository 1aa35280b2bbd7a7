/** Results for other programs: JUnit, TAP, conform.json. */

import { createHash } from 'node:crypto'
import { SPEC_VERSION } from '../ptncn/config.js'
import type { Failure } from './client.js'
import { PROTOCOL } from './protocol.js'
import { accused, achieved, type Closing } from './report.js'
import { unreached, type Result } from './session.js'
import { toBits } from './tensor.js'
import { VECTORS_VERSION } from './vectors.js'

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
  const failures = results.filter(({ status }) => status === 'fail').length
  const skipped = results.length - failures - results.filter(({ status }) => status === 'pass').length
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

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export interface Circumstances extends Closing {
  readonly command: readonly string[]
  readonly seed: number
  readonly fuzzed: number
  readonly files: readonly { readonly name: string; readonly text: string }[]
}

const numberOf = (x: number | undefined): string | undefined => (x === undefined || Number.isNaN(x) ? undefined : toBits(x))

const shortFailure = (failure: Failure): object => {
  const { kind, equation, step, what, finding } = failure
  return {
    kind,
    equation,
    step,
    what,
    name: finding?.name,
    element: finding && [finding.row, finding.col],
    expected: numberOf(finding?.expected),
    got: numberOf(finding?.got),
  }
}

/** The content of conform.json. */
export const conformJson = (of: Circumstances): string => {
  const { hello, tally, level, status, seconds, command, seed, fuzzed, files } = of
  const { results } = tally
  const count = (wanted: Result['status']): number => results.filter((result) => result.status === wanted).length
  return `${JSON.stringify(
    {
      format: 'ptncn-conform 1',
      spec: SPEC_VERSION,
      kit: SPEC_VERSION,
      protocol: PROTOCOL,
      vectors: VECTORS_VERSION,
      hashes: Object.fromEntries(files.map(({ name, text }) => [name, sha256(text)])),
      port: hello.port,
      caps: hello.caps,
      command,
      seed,
      fuzzed,
      level: { asked: level, achieved: achieved(of, level) },
      status,
      seconds: Number(seconds.toFixed(3)),
      counts: {
        cases: results.length,
        passed: count('pass'),
        failed: count('fail'),
        skipped: count('skip'),
        notRun: count('not run'),
      },
      accused: Object.fromEntries(accused(results)),
      worstUnits: Object.fromEntries(
        [...tally.worst].map(([equation, worst]) => [
          equation,
          Number.isFinite(worst) ? Number(worst.toPrecision(4)) : 'infinite',
        ]),
      ),
      reached: [...tally.reached].sort(),
      notReached: unreached(tally),
      failures: results
        .filter(({ status: of }) => of === 'fail')
        .map(({ id, failures }) => ({ id, failures: failures.slice(0, 5).map(shortFailure) })),
    },
    undefined,
    1,
  )}\n`
}

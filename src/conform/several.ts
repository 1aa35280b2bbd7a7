/** Several ports in one run: each judged by itself, then all of them in one matrix, and each beside each other. */

import { mismatch } from '../errors.js'
import { matrixOf, matrixText } from './matrix.js'
import { LIMITS, shakeHands } from './port/connection.js'
import { processConnection } from './port/process.js'
import { achieved, painter, type Circumstances } from './report.js'
import { chosenCases, isPartial, judgePort, USUAL, type Output, type Settings } from './run.js'
import { STATUS } from './session.js'
import type { Case } from './case.js'
import { versus, type Agreement, type Meeting } from './versus.js'

/** A port, and what it is called in the matrix. */
export interface NamedPort {
  readonly name: string
  readonly command: readonly string[]
}

/** A port that was judged, under its name. */
export interface Judged {
  readonly name: string
  readonly of: Circumstances
}

/** What a run with several ports came to. */
export interface Outcome {
  /** the first that is not 0, where one is 1 that one */
  readonly status: number
  /** those that shook hands, in their order */
  readonly judged: readonly Judged[]
  /** how each two of them agree; empty for one port */
  readonly agreements: readonly (readonly Agreement[])[]
}

/** @throws UsageError where a name is none, or stands twice */
const requireNames = (ports: readonly NamedPort[]): void => {
  ports.forEach(({ name }, i) => {
    if (!/^[\w.-]{1,40}$/.test(name)) throw mismatch('UsageError', '--port', '1 to 40 letters, digits, dots, dashes', name)
    if (ports.findIndex((other) => other.name === name) !== i) throw mismatch('UsageError', '--port', 'each name once', name)
  })
}

const statusOf = (all: readonly number[]): number =>
  all.includes(STATUS.failures) ? STATUS.failures : (all.find((one) => one !== STATUS.conforms) ?? STATUS.conforms)

const compared = async (
  ports: readonly NamedPort[],
  limits: Settings['limits'],
  cases: readonly Case[],
): Promise<readonly (readonly Agreement[])[]> => {
  if (ports.length < 2) return []
  const connections = ports.map(({ command }) => processConnection(command, limits))
  try {
    const meetings: Meeting[] = []
    for (const port of connections) {
      const hello = await shakeHands(port)
      if ('fault' in hello) return []
      meetings.push({ port, caps: hello.caps })
    }
    return await versus(meetings, cases)
  } finally {
    for (const port of connections) await port.close()
  }
}

const agreementText = (names: readonly string[], agreements: readonly (readonly Agreement[])[]): string =>
  agreements
    .flatMap((row, a) =>
      row.slice(0, a).map(({ same, of }, b) => `${names[b]} and ${names[a]}: the same bits in ${same} of ${of} cases\n`),
    )
    .join('')

const counterexampleOf = (path: string, name: string): string => path.replace(/(\.[^./\\]*)?$/, `-${name}$1`)

/**
 * Runs the kit with each port, then prints the matrix of clauses and ports, and how each two ports agree.
 * @throws UsageError where a name or a setting is none
 */
export const conformSeveral = async (
  ports: readonly NamedPort[],
  given: Omit<Partial<Settings>, 'command' | 'report' | 'junit' | 'tap'>,
  output: Output,
): Promise<Outcome> => {
  requireNames(ports)
  const paint = painter(output.coloured)
  const judged: Judged[] = []
  const statuses: number[] = []
  for (const { name, command } of ports) {
    output.print(`${paint(`== ${name}`, 'bold')}\n`)
    const counterexample = counterexampleOf(given.counterexample ?? 'counterexample.json', name)
    const { status, of } = await judgePort({ ...given, command, counterexample }, output)
    statuses.push(status)
    if (of) judged.push({ name, of })
    output.print('\n')
  }
  const met = ports.filter(({ name }) => judged.some((one) => one.name === name))
  const agreements = await compared(met, given.limits ?? LIMITS, chosenCases({ ...USUAL, ...given }))
  const names = judged.map(({ name }) => name)
  if (judged.length > 0) output.print(matrixText(names, matrixOf(judged.map(({ of }) => of.tally))))
  output.print(`${agreementText(names, agreements)}`)
  for (const { name, of } of judged) output.print(`${name}: ${verdictOf(of)}\n`)
  return { status: statusOf(statuses), judged, agreements }
}

/** The verdict in a few words. */
export const verdictOf = (of: Circumstances): string => {
  const level = achieved(of)
  return level !== 'none' ? `conforms at the level ${level}` : of.status === STATUS.failures ? 'does not conform' : 'no verdict'
}

/** Why a run may not be published, or undefined: what is published is about all cases, and every port has its verdict. */
export const unpublishable = (settings: Omit<Settings, 'command'>): string | undefined =>
  isPartial(settings) || settings.known.size > 0 ? 'all published cases, none left out, known or chosen' : undefined

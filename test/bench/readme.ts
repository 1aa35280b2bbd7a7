/**
 * Writes the benchmark's tables between two markers: that of the peers into README, all of them into the README here:
 * `tsx test/bench/readme.ts FILE.json`. The machine is named; the date is left out, so that the same figures give the
 * same text.
 */

import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

import { PtncnError } from '../../src/errors.js'
import { writeFileSafely } from '../../src/io/files.js'
import {
  engineTable,
  kernelTable,
  loadTable,
  machineLine,
  memoryTable,
  peerTable,
  phaseTable,
  predictionTable,
  probeLine,
  scalingTable,
  streamTable,
  workersTable,
} from './report.js'
import type { Results } from './results.js'

export const BEGIN = '<!-- bench:begin -->'
export const END = '<!-- bench:end -->'

/** @throws UsageError where the figures are of a quick run, or have no case */
const requireWhole = (results: Results): void => {
  if (results.quick)
    throw new PtncnError('UsageError', 'the figures are of a quick run; run the benchmark without --quick', 'quick')
  if (results.cases.length === 0)
    throw new PtncnError('UsageError', 'the figures have no case; run the benchmark without --only', 'cases')
}

const PLAIN = '"plain" is a peer as its user would first write it; without that word it is the fastest way that we found.'

/** What README shows: the machine, the peers, and how fast each is. @throws UsageError */
export const summary = (results: Results): string => {
  requireWhole(results)
  const turns = results.peers.length > 0 ? `, in turns with ${results.peers.join('; ')}` : ''
  return [`Measured on ${machineLine(results)}${turns}.`, peerTable(results), PLAIN].filter(Boolean).join('\n\n')
}

/** What the README of this folder shows: the same, what the machine can do at most, and every other table. @throws UsageError */
export const details = (results: Results): string => {
  requireWhole(results)
  const peers = results.peers.map((line) => `- ${line}`).join('\n')
  const shown = [
    `Measured on ${machineLine(results)}: ${probeLine(results)}.`,
    peers && `Peers, each checked to compute the same step and timed in turns with ours:\n\n${peers}`,
    peerTable(results),
    PLAIN,
    engineTable(results),
    predictionTable(results),
    results.phases.length > 0 &&
      phaseTable({ ...results, phases: results.phases.filter(({ text }) => text === results.cases[0]!.text) }),
    results.kernels.length > 0 && kernelTable(results),
    results.workers.length > 0 && workersTable(results),
    results.scaling.length > 0 && scalingTable(results),
    results.memory.length > 0 && memoryTable(results),
    results.stream !== undefined && results.stream.length > 0 && streamTable(results),
    results.load !== undefined && results.load.length > 0 && loadTable(results),
  ]
  return shown.filter(Boolean).join('\n\n')
}

/** The document with the text between its markers. @throws FileError where it does not have both, in order, once */
export const withSection = (document: string, text: string): string => {
  const [before, rest, ...more] = document.split(BEGIN)
  const [, after, ...others] = (rest ?? '').split(END)
  if (after === undefined || more.length > 0 || others.length > 0) {
    throw new PtncnError(
      'FileError',
      `the document needs the lines ${BEGIN} and ${END}, once each and in this order`,
      document.length,
    )
  }
  return `${before}${BEGIN}\n\n${text}\n\n${END}${after}`
}

const DOCUMENTS = [
  [fileURLToPath(new URL('../../README.md', import.meta.url)), summary],
  [fileURLToPath(new URL('README.md', import.meta.url)), details],
] as const

const main = async (args: readonly string[]): Promise<void> => {
  const [figures] = args
  if (!figures || args.length > 1) throw new PtncnError('UsageError', 'expected FILE.json', args)
  const results = JSON.parse(await readFile(figures, 'utf8')) as Results
  for (const [document, of] of DOCUMENTS)
    await writeFileSafely(document, withSection(await readFile(document, 'utf8'), of(results)))
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 2
  })
}

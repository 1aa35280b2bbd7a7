/** `ptncn report`: one page of one or more runs. */

import { mismatch } from '../errors.js'
import { readRuns, reportOf } from '../experiment/run/report.js'
import { writeFileSafely } from '../io/files.js'
import { parseArguments, required } from './arguments.js'
import { print } from './process.js'

const HELP = `ptncn report RUN [RUN ...]: writes one HTML page of one or more runs that opens without network: learning curves,
scores, film strips, options, and the commands that repeat them. RUN is the folder of a run that has ended or was stopped.

  --out FILE       the page (report.html)
  --title TEXT     its heading
  --help

Examples
  ptncn report runs/bouncing-mnist-seed-1
  ptncn report runs/sign-1 runs/tanh-1 --title "Units that fire or not" --out units.html
`

/** More have no place side by side. */
const MOST_RUNS = 50

export const runReport = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('report', args, { out: 'value', title: 'value' }, MOST_RUNS)
  const { given, positionals } = parsed
  if (given['help']) return print(HELP)
  required(parsed, 'the folder of a run', 'report')
  const out = pageName(given['out'] ?? 'report.html')
  const page = reportOf(await readRuns(positionals), given['title'] as string | undefined)
  await writeFileSafely(out, page)
  return print(`${out}\n`)
}

/** The folders of runs hold files that nobody can make again in a second. */
const pageName = (out: unknown): string => {
  if (typeof out === 'string' && /\.html?$/i.test(out)) return out
  throw mismatch('UsageError', '--out', 'the name of a .html file', out)
}

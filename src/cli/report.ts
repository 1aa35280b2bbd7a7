/** `ptncn report`: one page of one or more runs, or of a study. */

import { mismatch } from '../errors.js'
import type { Fields } from '../fields.js'
import { gridReport } from '../experiment/compare/report.js'
import { continualReport } from '../experiment/continual-report.js'
import { readRuns, reportOf } from '../experiment/run/report.js'
import { studyIn } from '../experiment/study/folder.js'
import { requireRecord } from '../io/json.js'
import { writeFileSafely } from '../io/files.js'
import { parseArguments, required } from './arguments.js'
import { print } from './process.js'

const HELP = `ptncn report RUN [RUN ...]: writes one HTML page of one or more runs that opens without network: learning curves,
scores, film strips, options, and the commands that repeat them. RUN is the folder of a run that has ended or was stopped;
or, by itself, that of compare, zero-shot or continual: then the page has its tables, claims and pictures.

  --out FILE       the page (report.html)
  --title TEXT     its heading
  --help

Examples
  ptncn report runs/bouncing-mnist-seed-1
  ptncn report runs/sign-1 runs/tanh-1 --title "Units that fire or not" --out units.html
  ptncn report runs/compare-small --out small.html
`

/** More have no place side by side. */
const MOST_RUNS = 50

export const runReport = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('report', args, { out: 'value', title: 'value' }, MOST_RUNS)
  const { given, positionals } = parsed
  if (given['help']) return print(HELP)
  required(parsed, 'the folder of a run', 'report')
  const out = pageName(given['out'] ?? 'report.html')
  await writeFileSafely(out, await pageOf(positionals, given['title'] as string | undefined))
  return print(`${out}\n`)
}

/** @throws UsageError where a study is not alone, FileError */
const pageOf = async (folders: readonly string[], title: string | undefined): Promise<string> => {
  const studies = await Promise.all(folders.map(studyIn))
  const found = studies.findIndex((study) => study !== undefined)
  if (found < 0) return reportOf(await readRuns(folders), title)
  if (folders.length > 1) throw mismatch('UsageError', 'RUN', 'runs, or one study by itself', folders[found], 'give it alone')
  return studyPage(folders[0]!, studies[0]!, title)
}

const studyPage = (folder: string, study: Fields, title: string | undefined): Promise<string> =>
  study['experiment'] === 'continual'
    ? continualReport(folder, study, title)
    : gridReport(folder, requireRecord('grid', study['grid']), title)

/** The folders of runs hold files that nobody can make again in a second. */
const pageName = (out: unknown): string => {
  if (typeof out === 'string' && /\.html?$/i.test(out)) return out
  throw mismatch('UsageError', '--out', 'the name of a .html file', out)
}

#!/usr/bin/env node
/** The command `ptncn`: runs the command that the arguments name, and turns errors into one line and an exit status. */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mismatch, PtncnError } from './errors.js'
import { EXIT, print } from './cli/process.js'
import { runCompare } from './cli/compare.js'
import { runConform } from './cli/conform.js'
import { runContinual } from './cli/continual.js'
import { runEval } from './cli/eval.js'
import { runGenerate } from './cli/generate.js'
import { runInfo } from './cli/info.js'
import { runReport } from './cli/report.js'
import { runTrain } from './cli/train.js'
import { runVectors } from './cli/vectors.js'
import { runZeroShot } from './cli/zero-shot.js'
import { SPEC_VERSION } from './ptncn/config.js'

type Command = (args: readonly string[]) => Promise<number>

const COMMANDS: Readonly<Record<string, { readonly run: Command; readonly about: string }>> = {
  train: { run: runTrain, about: 'trains a network on a task, and leaves figures and pictures in a folder' },
  eval: { run: runEval, about: 'scores a trained network, its weights frozen' },
  generate: { run: runGenerate, about: 'lets a trained network run on its own predictions' },
  report: { run: runReport, about: 'makes one page of one or more runs, to open in a browser' },
  'zero-shot': { run: runZeroShot, about: 'trains on digits, and scores on glyphs with the weights frozen; over seeds' },
  continual: { run: runContinual, about: 'trains on task after task, and scores on all of them; over seeds' },
  compare: { run: runCompare, about: 'P-TNCN against its rivals: settings searched, then fresh seeds, tables with verdicts' },
  info: { run: runInfo, about: 'says what a checkpoint or a file of data holds' },
  conform: { run: runConform, about: 'says whether a port of SPEC.md is right, and if not, which equation is wrong' },
  vectors: { run: runVectors, about: 'exports the published test vectors, and checks others' },
}

const HELP = `ptncn ${SPEC_VERSION}, the Parallel Temporal Neural Coding Network

${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  ptncn ${name.padEnd(9)} ${about}`)
  .join('\n')}

  ptncn COMMAND --help   its options, with examples
  ptncn --version
`

/** Runs the command that the arguments name. Resolves to the exit status; never throws for a user's mistake. */
export const main = async ([command, ...rest]: readonly string[]): Promise<number> => {
  try {
    if (command === undefined || command === '--help' || command === 'help') return print(HELP)
    if (command === '--version') return print(`${SPEC_VERSION}\n`)
    if (Object.hasOwn(COMMANDS, command)) return await COMMANDS[command]!.run(rest)
    throw mismatch('UsageError', 'command', `${Object.keys(COMMANDS).join(', ')}, --help or --version`, command)
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    process.stderr.write(`ptncn: ${error.message}\n`)
    return error.name === 'DivergenceError' ? EXIT.diverged : EXIT.usage
  }
}

const startedAs = process.argv[1]
if (startedAs !== undefined && realpathSync(startedAs) === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.slice(2))
}

#!/usr/bin/env node
/** The command `ptncn`: runs the command that the arguments name, and turns errors into one line and an exit status. */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { mismatch, PtncnError } from './errors.js'
import { complain, EXIT, guardStreams, outputError, print } from './cli/process.js'
import { meant } from './nearest.js'
import { SPEC_VERSION } from './ptncn/config.js'

type Command = (args: readonly string[]) => Promise<number>

/** A command is loaded when it is wanted, so that each starts as quickly as it can. */
interface Entry {
  readonly load: () => Promise<Command>
  readonly about: string
}

const COMMANDS: Readonly<Record<string, Entry>> = {
  train: {
    load: async () => (await import('./cli/train.js')).runTrain,
    about: 'trains a network on a task, and leaves figures and pictures in a folder',
  },
  eval: { load: async () => (await import('./cli/eval.js')).runEval, about: 'scores a trained network, its weights frozen' },
  generate: {
    load: async () => (await import('./cli/generate.js')).runGenerate,
    about: 'lets a trained network run on its own predictions',
  },
  stream: {
    load: async () => (await import('./cli/stream.js')).runStream,
    about: 'predicts the lines of the standard input as they come, and learns from each',
  },
  report: {
    load: async () => (await import('./cli/report.js')).runReport,
    about: 'makes one page of one or more runs, to open in a browser',
  },
  draw: {
    load: async () => (await import('./cli/draw.js')).runDraw,
    about: 'makes the pictures of a run again, to the same bytes',
  },
  'zero-shot': {
    load: async () => (await import('./cli/zero-shot.js')).runZeroShot,
    about: 'trains on digits, and scores on glyphs with the weights frozen; over seeds',
  },
  continual: {
    load: async () => (await import('./cli/continual.js')).runContinual,
    about: 'trains on task after task, and scores on all of them; over seeds',
  },
  compare: {
    load: async () => (await import('./cli/compare.js')).runCompare,
    about: 'P-TNCN against its rivals: settings searched, then fresh seeds, tables with verdicts',
  },
  info: { load: async () => (await import('./cli/info.js')).runInfo, about: 'says what a checkpoint or a file of data holds' },
  export: {
    load: async () => (await import('./cli/export.js')).runExport,
    about: 'writes the step as an ONNX model, which learns wherever one runs; or the weights alone',
  },
  import: {
    load: async () => (await import('./cli/import.js')).runImport,
    about: 'makes a checkpoint of weights from elsewhere',
  },
  explain: {
    load: async () => (await import('./cli/explain.js')).runExplain,
    about: 'tells one step clause by clause, or the sum that made one number',
  },
  explore: {
    load: async () => (await import('./cli/explore.js')).runExplore,
    about: 'writes the specification as a page that computes, for the browser',
  },
  conform: {
    load: async () => (await import('./cli/conform.js')).runConform,
    about: 'says whether a port of SPEC.md is right, and if not, which equation is wrong',
  },
  vectors: {
    load: async () => (await import('./cli/vectors.js')).runVectors,
    about: 'exports the published test vectors, and checks others',
  },
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
    if (command === 'help' && rest[0] !== undefined) return await main([rest[0], '--help'])
    if (command === undefined || ['help', '--help', '-h'].includes(command)) return print(HELP)
    if (command === '--version' || command === '-v') return print(`${SPEC_VERSION}\n`)
    if (Object.hasOwn(COMMANDS, command)) return await (await COMMANDS[command]!.load())(rest)
    const names = Object.keys(COMMANDS)
    throw mismatch('UsageError', 'command', `${names.join(', ')}, --help or --version`, command, meant(command, names))
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    complain(error.message)
    return error.name === 'DivergenceError' ? EXIT.diverged : EXIT.usage
  }
}

const startedAs = process.argv[1]
if (startedAs !== undefined && realpathSync(startedAs) === fileURLToPath(import.meta.url)) {
  guardStreams()
  // this process is nobody else's: the wide kernels may have the runtime's switch unless somebody says no
  process.env['PTNCN_WIDE'] ??= '1'
  const status = await main(process.argv.slice(2))
  const unwritten = await outputError()
  if (unwritten !== undefined) complain(unwritten)
  process.exitCode = status === EXIT.done && unwritten !== undefined ? EXIT.unwritten : status
}

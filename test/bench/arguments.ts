/** The command line of the benchmark. */

import { parseArgs } from 'node:util'

import { mismatch, PtncnError } from '../../src/errors.js'
import { CASES } from './cases.js'

export const SECTIONS = ['probe', 'cases', 'phases', 'workers', 'scaling', 'memory', 'kernels', 'stream', 'load'] as const
export type Section = (typeof SECTIONS)[number]

const ONLY = [...SECTIONS, ...CASES.map(({ name }) => name)]

export const HELP = `npm run bench -- [options]    measures this machine, our engines, and three peers (NumPy, JAX, TensorFlow.js)

  --json FILE     writes every raw figure to FILE
  --only NAME     one part: ${SECTIONS.join(', ')};
                  or one case: ${CASES.map(({ name }) => name).join(', ')}
  --peers FOLDER  installs the peers' packages there, or finds them there (a temporary folder, removed at the end)
  --no-peers      our engines only
  --node FILE     another Node, with which our engine is timed too, as a peer
  --quick         short and few rounds: to see that it runs, not to quote
  --help
`

export interface Settings {
  readonly json?: string
  readonly peers?: string
  /** the executable of another Node */
  readonly node?: string
  readonly noPeers: boolean
  readonly quick: boolean
  readonly sections: readonly Section[]
  readonly cases: readonly (typeof CASES)[number][]
}

/** @throws UsageError; undefined where help was asked for */
export const settingsFrom = (args: readonly string[]): Settings | undefined => {
  const { help, json, only, peers, node, quick, 'no-peers': noPeers } = parse(args)
  if (help) return undefined
  for (const [name, value] of Object.entries({ json, peers, node })) {
    if (value === '') throw mismatch('UsageError', `--${name}`, 'a path', value)
  }
  if (only !== undefined && !ONLY.includes(only)) throw mismatch('UsageError', '--only', `one of ${ONLY.join(', ')}`, only)
  if (noPeers && peers !== undefined) throw mismatch('UsageError', '--no-peers', 'no --peers beside it', peers)
  const chosen = CASES.filter(({ name }) => name === only)
  return {
    ...(json !== undefined && { json }),
    ...(peers !== undefined && { peers }),
    ...(node !== undefined && { node }),
    noPeers: noPeers ?? false,
    quick: quick ?? false,
    sections: chosen.length > 0 ? ['cases'] : SECTIONS.filter((section) => only === undefined || section === only),
    cases: chosen.length > 0 ? chosen : CASES,
  }
}

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      strict: true,
      allowPositionals: false,
      options: {
        json: { type: 'string' },
        only: { type: 'string' },
        peers: { type: 'string' },
        node: { type: 'string' },
        'no-peers': { type: 'boolean' },
        quick: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    const [first] = (error as Error).message.split(/\. |\n/)
    throw new PtncnError('UsageError', `${first}; see npm run bench -- --help`, args)
  }
}

/** The parts of the benchmark. Each tells how many rounds it will report, and runs. */

import { config } from '../../src/ptncn/config.js'
import type { Settings } from './arguments.js'
import { inputsOf, network, type Case, type Network } from './cases.js'
import { multiplyAdds, stepBytes, workingSet } from './count.js'
import { ENGINES, OURS, PARALLEL, WASM, type MeasuredEngine } from './engines.js'
import { alternate, engineContender, paceOf, peerContender, roundsOf, type Contender } from './measure.js'
import { agreementOf, loadPeer, requireAgreement, startPeer, type Peer, type PeerCommand } from './peer.js'
import { memorySpeed } from './probe.js'
import type { CaseResult, Scaling, Timing, WorkersResult } from './results.js'
import { fittedExponent, median } from './statistics.js'

export interface Run extends Pick<Settings, 'quick' | 'cases'> {
  readonly peers: readonly PeerCommand[]
  readonly onRound: (text: string) => void
}

/** f of engines made for one network, which are disposed whatever happens. */
const withEngines = async <Result>(
  engines: readonly MeasuredEngine[],
  of: Network,
  f: (contenders: readonly Contender[]) => Promise<Result>,
): Promise<Result> => {
  const made = engines.map(({ make }) => make(of.config))
  try {
    return await f(made.map((engine, i) => engineContender(engines[i]!.name, engine, of)))
  } finally {
    await Promise.all(made.map((engine) => engine.dispose()))
  }
}

/** All but those that would take minutes. */
const enginesFor = ({ units, rows, output }: Case): readonly MeasuredEngine[] => {
  const work = multiplyAdds(config({ units: [...units], output }), rows, output === 'softmax')
  return ENGINES.filter(({ largest }) => work <= largest)
}

const CHECKED_STEPS = 3

/** Our weights after so many learning steps: what the peers are held to. */
const expectedWeights = async (of: Network) => {
  const engine = OURS.make(of.config)
  try {
    const inputs = inputsOf(of, of.config.learnFrom + CHECKED_STEPS)
    return (await engine.train(of.snapshot, [{ inputs }])).snapshot.weights
  } finally {
    await engine.dispose()
  }
}

/** One case: the peers are checked, then take turns with our engines. */
const runCase = async ({ quick, peers, onRound }: Run, one: Case): Promise<CaseResult> => {
  const of = network(one)
  const started: Peer[] = []
  try {
    const expected = peers.length > 0 ? await expectedWeights(of) : []
    const ready: { command: PeerCommand; peer: Peer; timing: Partial<Timing> }[] = []
    for (const command of peers) {
      const peer = startPeer(command)
      started.push(peer)
      const { formulation } = await loadPeer(peer, of, command.layout, true)
      const agreement = await agreementOf(peer, of, CHECKED_STEPS, expected)
      requireAgreement(command.name, agreement)
      const note = [command.note, formulation].filter(Boolean).join('; ')
      ready.push({ command, peer, timing: { agreement, ...(note && { note }) } })
    }
    const engines = enginesFor(one)
    const rounds = await withEngines(engines, of, (contenders) =>
      alternate([...contenders, ...ready.map(({ command, peer }) => peerContender(command.name, peer))], paceOf(quick), onRound),
    )
    const timings = [
      ...engines.map(({ name, threads }) => ({ name, threads, kind: 'engine' as const })),
      ...ready.map(({ command, timing }) => ({ name: command.name, threads: command.threads, kind: 'peer' as const, ...timing })),
    ]
    return {
      name: one.name,
      text: one.text,
      operations: 2 * multiplyAdds(of.config, one.rows, of.oneHot),
      bytes: stepBytes(of.config),
      gigabytes: await memorySpeed(workingSet(of.config), quick),
      timings: timings.map((timing, i) => ({ ...timing, ...rounds[i]! })),
    }
  } finally {
    for (const peer of started) peer.close()
  }
}

export const runCases = async (run: Run): Promise<readonly CaseResult[]> => {
  const results: CaseResult[] = []
  for (const one of run.cases) results.push(await runCase(run, one))
  return results
}

export const caseRounds = ({ quick, cases, peers }: Run): number =>
  cases.reduce((sum, one) => sum + roundsOf(enginesFor(one).length + peers.length, paceOf(quick)), 0)

const WORKERS = { full: { n: [512, 1000], layers: [2, 4] }, quick: { n: [256], layers: [2] } } as const
const INPUTS = 49
const ROWS = 50

const uniform = (n: number, layers: number, rows = ROWS): Network =>
  network({ units: [INPUTS, ...Array.from({ length: layers }, () => n)], rows, output: 'softmax' })

/** Two workers against one thread. */
export const runWorkers = async ({ quick, onRound }: Run): Promise<readonly WorkersResult[]> => {
  const results: WorkersResult[] = []
  const { n: sizes, layers: depths } = WORKERS[quick ? 'quick' : 'full']
  for (const n of sizes) {
    for (const layers of depths) {
      const of = uniform(n, layers)
      const [one, two] = await withEngines([WASM, PARALLEL], of, (both) => alternate(both, paceOf(quick), onRound))
      results.push({ n, layers, one: one!.rounds, two: two!.rounds })
    }
  }
  return results
}

export const workersRounds = ({ quick }: Run): number => {
  const { n, layers } = WORKERS[quick ? 'quick' : 'full']
  return n.length * layers.length * roundsOf(2, paceOf(quick))
}

interface Sweep {
  readonly variable: Scaling['variable']
  readonly text: string
  readonly values: readonly number[]
  readonly of: (value: number) => Network
  /** milliseconds of so many steps are of interest, not those of one */
  readonly steps?: boolean
}

const sweeps = (quick: boolean): readonly Sweep[] => {
  const values = (...all: readonly number[]): readonly number[] => (quick ? all.slice(0, 3) : all)
  return [
    {
      variable: 'T',
      text: 'n = 256, L = 2, B = 50',
      values: values(10, 20, 40, 80, 160),
      of: () => uniform(256, 2),
      steps: true,
    },
    { variable: 'n', text: 'L = 2, B = 50', values: values(128, 256, 512, 1024), of: (n) => uniform(n, 2) },
    { variable: 'L', text: 'n = 256, B = 50', values: values(1, 2, 4, 8), of: (layers) => uniform(256, layers) },
    { variable: 'B', text: 'n = 256, L = 2', values: values(8, 16, 32, 64, 128), of: (rows) => uniform(256, 2, rows) },
  ]
}

/** How the time grows, with the exponent of the power that fits it best. Rounds go through the values in turn. */
export const runScaling = async ({ quick, onRound }: Run): Promise<readonly Scaling[]> => {
  const results: Scaling[] = []
  for (const { variable, text, values, of, steps } of sweeps(quick)) {
    const engines = values.map(of).map((made) => ({ made, engine: OURS.make(made.config) }))
    try {
      const contenders = engines.map(({ made, engine }, i) => {
        const contender = engineContender(`${variable} = ${values[i]}`, engine, made)
        return steps ? wholeSequence(contender, values[i]!) : contender
      })
      const rounds = await alternate(contenders, paceOf(quick), onRound)
      const milliseconds = rounds.map(({ rounds }) => median(rounds))
      results.push({ variable, text, values, milliseconds, exponent: fittedExponent(values, milliseconds) })
    } finally {
      await Promise.all(engines.map(({ engine }) => engine.dispose()))
    }
  }
  return results
}

/** A contender whose one step is a whole sequence of T learning steps. */
const wholeSequence = ({ name, time }: Contender, steps: number): Contender => ({
  name,
  time: async (sequences) => {
    let sum = 0
    for (let i = 0; i < sequences; i++) sum += await time(steps)
    return sum
  },
})

export const scalingRounds = ({ quick }: Run): number =>
  sweeps(quick).reduce((sum, { values }) => sum + roundsOf(values.length, paceOf(quick)), 0)

/** The tables, from the figures: the benchmark prints them, README shows some. */

import { foretold, rooflineMilliseconds } from './count.js'
import type { CaseResult, KernelResult, Pair, Results, Timing } from './results.js'
import { median, quantile } from './statistics.js'
import { digits, percent, table, times, type Row } from './table.js'

const of = (pair: Pair, threads: number): number => (threads > 1 ? pair.two : pair.one)

const stepOf = (result: CaseResult, name: string): number | undefined => {
  const found = result.timings.find((timing) => timing.name === name)
  return found && median(found.rounds)
}

/** The peers of a case in their order. */
const peerNames = (cases: readonly CaseResult[]): readonly string[] => [
  ...new Set(cases.flatMap(({ timings }) => timings.filter(({ kind }) => kind === 'peer').map(({ name }) => name))),
]

/** Milliseconds a step, and how many times as long a peer takes. */
export const peerTable = ({ cases, ours }: Results): string => {
  const names = peerNames(cases)
  return table(
    ['2 layers, every step learns; ms a step', 'ptncn', ...names.flatMap((name) => [name, 'ratio'])],
    cases.map((result) => {
      const own = stepOf(result, ours) ?? NaN
      const cells = names.flatMap((name) => {
        const theirs = stepOf(result, name) ?? NaN
        return [digits(theirs), Number.isFinite(theirs / own) ? times(theirs / own) : '-']
      })
      return [result.text, digits(own), ...cells]
    }),
  )
}

/** Each engine against what the machine could do on as many threads. */
export const engineTable = ({ cases, probe }: Results): string => {
  const row = (result: CaseResult, { name, threads, rounds }: Timing): Row => {
    const step = median(rounds)
    const gigaflops = result.operations / step / 1e6
    const peak = probe ? of(probe.gigaflops, threads) : NaN
    const least = rooflineMilliseconds(result.operations, result.bytes, peak, of(result.gigabytes, threads))
    return [`${result.text}: ${name}`, digits(1000 / step), digits(gigaflops), percent(gigaflops / peak), percent(least / step)]
  }
  return table(
    ['engine', 'steps/s', 'GFLOP/s', 'of peak', 'of roofline'],
    cases.flatMap((result) => result.timings.filter(({ kind }) => kind === 'engine').map((timing) => row(result, timing))),
  )
}

export const phaseTable = ({ phases }: Results): string => {
  const both = (values: readonly number[]): string => values.map(digits).join(', ')
  return table(
    ['phase, ms a step', 'busy', 'waiting'],
    phases.map(({ text, workers, phase, busy, waiting }) => [
      `${text}: ${phase}, ${workers} worker${workers === 1 ? '' : 's'}`,
      both(busy),
      workers === 1 ? '' : both(waiting),
    ]),
  )
}

export const workersTable = ({ workers }: Results): string =>
  table(
    ['two workers against one thread, B = 50', 'one, ms', 'two, ms', 'ratio'],
    workers.map(({ n, layers, one, two }) => {
      const [alone, both] = [median(one), median(two)]
      return [`n = ${n}, L = ${layers}`, digits(alone), digits(both), times(alone / both)]
    }),
  )

export const scalingTable = ({ scaling }: Results): string =>
  table(
    ['grows with', 'at', 'ms', 'exponent'],
    scaling.map(({ variable, text, values, milliseconds, exponent }) => [
      `${variable} = ${values.join(', ')}`,
      text,
      milliseconds.map(digits).join(', '),
      exponent.toFixed(2),
    ]),
  )

export const memoryTable = ({ memory }: Results): string =>
  table(
    ['steps of one sequence', 'MB in use'],
    memory.map(({ steps, bytes }) => [String(steps), digits(bytes / 1e6)]),
  )

const FORETOLD = [4, 8, 16]

/** What more cores would bring: a prediction, measured nowhere. */
export const predictionTable = ({ cases }: Results): string =>
  table(
    ['a prediction; ms a step', '1 thread', '2 workers', ...FORETOLD.map((cores) => `${cores} cores`)],
    cases.map((result) => {
      const [one, two] = [stepOf(result, 'wasm') ?? NaN, stepOf(result, 'parallel, 2 workers') ?? NaN]
      const more = FORETOLD.map((cores) => foretold(cores, one, two, result.bytes, result.gigabytes.two))
      return [result.text, ...[one, two, ...more].map(digits)]
    }),
  )

export const loadTable = ({ load = [] }: Results): string =>
  table(
    ['one run, seconds', 'one thread', 'two workers', 'ratio'],
    load.map(({ text, one, two }) => [text, digits(one), digits(two), times(two / one)]),
  )

export const streamTable = ({ stream = [] }: Results): string =>
  table(
    ['ptncn stream, 2 layers, 49 symbols; microseconds a line', 'median', '99 % within'],
    stream.map(({ text, microseconds }) => [text, digits(median(microseconds)), digits(quantile(0.99, microseconds))]),
  )

export const kernelTable = ({ kernels, probe }: Results): string => {
  const row = ({ name, operations, milliseconds }: KernelResult): Row => {
    const gigaflops = operations / median(milliseconds) / 1e6
    return [name, digits(gigaflops), percent(gigaflops / (probe?.gigaflops.one ?? NaN))]
  }
  return table(['kernel, one thread', 'GFLOP/s', 'of peak'], kernels.map(row))
}

const agreements = ({ cases }: Results): readonly string[] =>
  cases.flatMap(({ text, timings }) =>
    timings.flatMap(({ name, agreement, note }) =>
      agreement
        ? [
            `${text}: ${name} agrees to ${agreement.weights.toExponential(1)} of the largest weight and ` +
              `${agreement.change.toExponential(1)} of the change${note ? ` (${note})` : ''}`,
          ]
        : [],
    ),
  )

/** Everything, for a person at a terminal. */
export const report = (results: Results): string => {
  const { machine, probe, peers } = results
  const parts: (string | false)[] = [
    machineLine(results),
    peers.length > 0 && peers.join('\n'),
    probe !== undefined && probeLine(results),
    results.cases.length > 0 && peerTable(results),
    agreements(results).length > 0 && agreements(results).join('\n'),
    results.cases.length > 0 && engineTable(results),
    results.cases.length > 0 && predictionTable(results),
    results.phases.length > 0 && phaseTable(results),
    results.kernels.length > 0 && kernelTable(results),
    results.workers.length > 0 && workersTable(results),
    results.scaling.length > 0 && scalingTable(results),
    results.memory.length > 0 && memoryTable(results),
    results.stream !== undefined && results.stream.length > 0 && streamTable(results),
    results.load !== undefined && results.load.length > 0 && loadTable(results),
    results.quick && `These are of a quick run on ${machine.cores} cores: not to be quoted.`,
  ]
  return parts.filter(Boolean).join('\n\n')
}

export const machineLine = ({ machine, wide }: Results): string =>
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}${wide === undefined ? '' : ` (wide kernels: ${wide})`}`

export const probeLine = ({ probe }: Results): string => {
  if (!probe) return ''
  const { gigaflops, gigabytes } = probe
  return (
    `128-bit peak ${digits(gigaflops.one)} GFLOP/s on one thread, ${digits(gigaflops.two)} on two; ` +
    `memory ${digits(gigabytes.one)} GB/s, ${digits(gigabytes.two)} on two`
  )
}

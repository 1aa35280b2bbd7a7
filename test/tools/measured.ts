/** What was measured by a tool of its own, as text: one section for each kind of file. */

import { intervalOf } from '../../src/experiment/statistics.js'
import type { Growth } from '../bench/growth.js'
import { table, type Row } from '../bench/table.js'
import { linesIn } from './kept.js'

const ANGLES = `The cosine between the update of a sequence and the gradient of its loss, by differences of losses: 1 goes down the
gradient, 0 is at right angles to it. Reber grammar, two layers of 8 units, before and after 1,000 batches of 20
(\`tsx test/tools/angles.ts\`).`

interface Angles {
  readonly setting: string
  readonly untrained: Readonly<Record<string, number>>
  readonly trained: Readonly<Record<string, number>>
}

const angles = (group: string): string => {
  const all = linesIn<Angles>(group, 'reber.jsonl')
  const names = Object.keys(all[0]!.untrained)
  const rows = all.flatMap(({ setting, ...times }) =>
    (['untrained', 'trained'] as const).map((when): Row => [
      `${setting}, ${when}`,
      ...names.map((name) => times[when][name]!.toFixed(2)),
    ]),
  )
  return [ANGLES, '', table(['setting', ...names], rows)].join('\n')
}

const METHODS = `The same for all methods, each with as many units in a layer: the cosine of all weights into the units together (M, V, U
and b of P-TNCN, recurrent and input weights and biases of the others), each against the gradient of its own network's loss
(\`tsx test/tools/angles.ts rivals\`). An echo state network learns none of these. Units that are not smooth have no gradient: of them
a difference, over 2^-7 to either side, says how the loss changes as thresholds are crossed, the draws of stochastic ones
being the same.`

const methodAngles = (group: string): string => {
  const all = linesIn<{ readonly method: string; readonly untrained: number; readonly trained: number }>(group, 'methods.jsonl')
  const rows = all.map(({ method, untrained, trained }): Row => [method, untrained.toFixed(2), trained.toFixed(2)])
  return [METHODS, '', table(['method', 'untrained', 'trained'], rows)].join('\n')
}

const TRACE = `Credit over time from the slope that the correction shows, (z - y) / (a - a^K), kept in a trace for each weight and
row ([prototype.py](trace/prototype.py), NumPy, the profile \`online\` with beta 0.03; bits a character after 4,000 lines). It
gains less than 1 % at 32 units and less still at 128, at the price of a number for each weight and row: so it is no part of
the specification.`

interface Traced {
  readonly n: number
  readonly trace: boolean
  readonly self_weight: number | null
  readonly bits: number
}

const trace = (group: string): string => {
  const all = linesIn<Traced>(group, 'trace.jsonl')
  const kind = ({ n, trace, self_weight }: Traced): string =>
    `${n} units, ${trace ? 'trace' : 'as it is'}${self_weight === null ? '' : `, V begins with ${self_weight} on its diagonal`}`
  const rows = [...new Set(all.map(kind))].map((one): Row => {
    const own = all.filter((line) => kind(line) === one).map(({ bits }) => bits)
    return [
      one,
      (own.reduce((sum, bits) => sum + bits, 0) / own.length).toFixed(3),
      own.map((bits) => bits.toFixed(3)).join(', '),
    ]
  })
  return [TRACE, '', table(['network', 'mean', 'by seed'], rows)].join('\n')
}

const SETTLING = `What another beta and other passes bring to a network that has learned, its weights frozen, as \`eval --beta --passes\` tries
them. Trained on digits with the settings of \`small\` (two layers of 32 units, 4,000 films), with the beta that is named first;
scored with the second, on digits and on letters never seen. Nats a frame on validation data, mean of five seeds, with the
95 % interval of the difference to the correction off (\`tsx test/tools/settling.ts FOLDER\`).`

interface Settled extends Readonly<Record<'seed' | 'learned' | 'beta' | 'passes' | 'digits' | 'letters', number>> {}

const settling = (group: string): string => {
  const all = linesIn<Settled>(group, 'settling.jsonl')
  const of = (learned: number, beta: number, passes: number) =>
    all.filter((one) => one.learned === learned && one.beta === beta && one.passes === passes)
  const kinds = all.filter(({ seed }) => seed === all[0]!.seed)
  const rows = kinds.map(({ learned, beta, passes }): Row => {
    const told = (on: 'digits' | 'letters'): string => {
      const [own, off] = [of(learned, beta, passes), of(learned, 0, 1)].map((lines) => lines.map((one) => one[on]))
      const { mean } = intervalOf(own!)
      const { mean: gain, half } = intervalOf(own!.map((score, i) => off![i]! - score))
      return beta === 0 ? mean.toFixed(2) : `${mean.toFixed(2)} (${gain < 0 ? '' : '+'}${gain.toFixed(2)} ± ${half!.toFixed(2)})`
    }
    return [String(learned), beta === 0 ? 'off' : String(beta), beta === 0 ? '' : String(passes), told('digits'), told('letters')]
  })
  return [SETTLING, '', table(['learned with beta', 'scored with beta', 'passes', 'digits', 'letters'], rows)].join('\n')
}

const WINDOWS = `What the window of [C4] goes by: sign and step units that learn from the drive, profile \`online\`, one seed. For each
window that [online-32](#online-32) and [online-128](#online-128) tried, by how many per cent its score on validation data lies
above that of the best; and of the network that learned with the best, the root mean square of the drives a_1 and a_2 and the
part of them that lies within it (\`tsx test/tools/windows.ts FOLDER\`). The size of the drives does not say which window is
best: it is alike where the narrowest is and where the widest is. Nor does the width. What says it is the input: the
rule "1 on symbols, 2 on images" costs at most 2.1 % of a score on the ones and 0.7 % on the others. Stochastic units want
wider ones, 8 on images and 2 on symbols: [online-stochastic](#online-stochastic).`

interface Drive {
  readonly rms: number
  readonly within: number
}

interface Windowed {
  readonly task: string
  readonly width: number
  readonly kind: string
  readonly scores: Readonly<Record<string, number>>
  readonly window: number
  readonly trained: readonly Drive[]
}

const windows = (group: string): string => {
  const all = linesIn<Windowed>(group, 'drives.jsonl')
  const names = Object.keys(all[0]!.scores).sort((a, b) => Number(a) - Number(b))
  const rows = all.map(({ task, width, kind, scores, window, trained }): Row => {
    const above = (name: string): string => ((scores[name]! / scores[window]! - 1) * 100).toFixed(1)
    const sizes = trained.map(({ rms }) => rms.toFixed(1)).join(', ')
    const parts = trained.map(({ within }) => `${(within * 100).toFixed(0)} %`).join(', ')
    return [`${task}, ${kind}, ${width} units`, ...names.map(above), String(window), sizes, parts]
  })
  return [WINDOWS, '', table(['network', ...names, 'best', 'a_1, a_2', 'within'], rows)].join('\n')
}

const GROWTH = `A sequence of 10 rows and 16 inputs, 32 units where nothing else is said, one process a figure
(\`tsx test/bench/growth.ts\`, on a machine that did nothing else): the largest memory of the process in MB, which holds the whole
sequence in each case, for sequences of growing length; and milliseconds a step, for more units.`

const growth = (group: string): string => {
  const all = linesIn<Growth>(group, 'growth.jsonl')
  const sorted = (values: readonly number[]): readonly number[] => [...new Set(values)].sort((a, b) => a - b)
  const [lengths, sizes] = [sorted(all.map(({ steps }) => steps)), sorted(all.map(({ units }) => units))]
  const [length] = lengths
  const usual = all.filter(({ steps }) => steps !== length)[0]!.units
  const find = (method: string, steps: number, units: number): Growth | undefined =>
    all.find((one) => one.method === method && one.steps === steps && one.units === units)
  const rows = [...new Set(all.map(({ method }) => method))].map((method): Row => [
    method,
    ...lengths.map((steps) => find(method, steps, usual)?.megabytes.toFixed(0) ?? '-'),
    ...sizes.map((units) => find(method, length!, units)?.millisecondsAStep.toFixed(3) ?? '-'),
  ])
  return [
    GROWTH,
    '',
    table(['method', ...lengths.map((steps) => `MB, T = ${steps}`), ...sizes.map((units) => `ms, n = ${units}`)], rows),
  ].join('\n')
}

const DIGITS = `Bouncing digits learnt from the same weights and on the same sequences: by our engine, and, with the graphs of
\`ptncn export onnx\`, by onnxruntime in Python and in a browser (\`tsx test/tools/onnx-digits.ts\`).`

interface Digits {
  readonly batches: number
  readonly largestRelativeDifference: number
}

interface Learnt {
  readonly by: string
  readonly millisecondsAStep: number
  readonly nats: readonly number[]
}

const digits = (group: string): string => {
  const [about, ...ways] = linesIn<Digits & Learnt>(group, 'digits.jsonl')
  const { batches, largestRelativeDifference } = about!
  const rows = ways.map(({ by, millisecondsAStep, nats }): Row => [by, nats.at(-1)!.toFixed(3), millisecondsAStep.toFixed(3)])
  const most = `Of ${batches} losses none differs by more than ${largestRelativeDifference} of itself.`
  return [
    `${DIGITS} ${most}`,
    '',
    table(['by', 'nats a frame at the end', 'ms a step'], rows),
    '',
    `![Both curves](${group}/digits.svg)`,
  ].join('\n')
}

/** By the file that a group has, what its section says. */
export const MEASURED: Readonly<Record<string, (group: string) => string>> = {
  'reber.jsonl': (group) => [angles(group), '', methodAngles(group)].join('\n'),
  'trace.jsonl': trace,
  'growth.jsonl': growth,
  'drives.jsonl': windows,
  'digits.jsonl': digits,
  'settling.jsonl': settling,
}

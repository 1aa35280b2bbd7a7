/** The laws as far as they can be seen from outside: a port's answers beside its own answers, and beside no equation. */

import type { Matrix } from '../numeric/matrix.js'
import { keyOf, split } from '../numeric/random.js'
import { reversedRows } from '../numeric/rows.js'
import { diceOf, type Dice } from './dice.js'
import { randomScenario } from './draw.js'
import { sameBits } from './equations/rounding.js'
import { commandText, shakeHands, stepsOf, type Connection, type Limits } from './port/connection.js'
import { processConnection } from './port/process.js'
import type { Caps, StepAnswer } from './port/wire.js'
import type { Output } from './run.js'
import type { Moment, Scenario, Situation } from './scenario.js'
import { STATUS } from './session.js'

/** What a law found: nothing, or what is wrong, with one drawn scenario. */
type Broken = (ask: Ask, scenario: Scenario, dice: Dice) => Promise<string | undefined>
/** The steps of a port's answer; a port that refuses has nothing to show. */
type Ask = (scenario: Scenario) => Promise<readonly StepAnswer[] | undefined>

interface OutsideLaw {
  readonly name: string
  readonly says: string
  /** what a port has to be able to do to show it */
  readonly needs?: (caps: Caps) => boolean
  readonly broken: Broken
}

type Parts = ReadonlyMap<string, Matrix>

/** The first part whose bits differ, of those that a test chooses. */
const otherPart = (a: Parts, b: Parts, chosen: (name: string) => boolean = () => true): string | undefined =>
  [...a].find(([name, value]) => chosen(name) && !(b.has(name) && sameBits(value, b.get(name)!)))?.[0]

const first = (scenario: Scenario): Scenario => ({ ...scenario, inputs: scenario.inputs.slice(0, 1) })
const withInput = (scenario: Scenario, change: (input: Moment) => Moment): Scenario => ({
  ...scenario,
  inputs: [change(scenario.inputs[0]!)],
})

const mapState = (from: Situation, f: (a: Matrix) => Matrix): Situation => ({
  ...from,
  tensors: new Map([...from.tensors].map(([name, value]) => [name, name.endsWith('[t-1]') ? f(value) : value])),
})

const memory: Broken = async (ask, scenario) => {
  const [before, , again] = [await ask(scenario), await ask(first(scenario)), await ask(scenario)]
  const place = before && again && before.findIndex(({ parts }, i) => otherPart(parts, again[i]!.parts) !== undefined)
  return place === undefined || place < 0 ? undefined : `asked again after another request, step ${place} has other bits`
}

const resume: Broken = async (ask, scenario) => {
  const whole = await ask(scenario)
  if (!whole) return undefined
  let { from } = scenario
  for (const [i, input] of scenario.inputs.entries()) {
    const one = await ask({ ...scenario, from, inputs: [input] })
    if (!one) return `step ${i} of a run that is answered is refused by itself`
    const part = otherPart(whole[i]!.parts, one[0]!.parts)
    if (part) return `${part} of step ${i} has other bits where the run stops before it and goes on from its answer`
    from = one[0]!.situation
  }
  return undefined
}

const blind: Broken = async (ask, scenario, dice) => {
  const moved = withInput(scenario, (input) => ({
    ...input,
    x: { ...input.x, data: Float32Array.from(input.x.data as Float32Array, (x) => (dice.chance(0.5) ? 1 - x : x)) },
  }))
  const [one, other] = [await ask(first(scenario)), await ask(moved)]
  if (!one || !other) return undefined
  return sameBits(one[0]!.parts.get('out')!, other[0]!.parts.get('out')!)
    ? undefined
    : 'the prediction of a step changes with its input'
}

const rows: Broken = async (ask, scenario) => {
  // units that draw at random do so by the place of their row
  if (scenario.config.activation === 'stochastic') return undefined
  const other = {
    ...withInput(scenario, (input) => ({ ...input, x: reversedRows(input.x), mask: reversedRows(input.mask) })),
    train: false,
  }
  const [one, two] = [
    await ask({ ...first(scenario), train: false }),
    await ask({ ...other, from: mapState(scenario.from, reversedRows) }),
  ]
  if (!one || !two) return undefined
  const back = new Map(
    [...two[0]!.parts].map(([name, value]) => [name, name === 'out' || name.startsWith('state.') ? reversedRows(value) : value]),
  )
  const part = otherPart(one[0]!.parts, back)
  return part && `${part} is not the same in its row where the rows stand in the opposite order`
}

const padding: Broken = async (ask, scenario, dice) => {
  const { mask } = scenario.inputs[0]!
  if (Array.from(mask.data).every((m) => m === 1)) return undefined
  const padded = (i: number, cols: number): boolean => mask.data[Math.floor(i / cols)] !== 1
  const spoilt = withInput(scenario, (input) => ({
    ...input,
    x: {
      ...input.x,
      data: Float32Array.from(input.x.data as Float32Array, (x, i) => (padded(i, input.x.cols) ? dice.unit() : x)),
    },
  }))
  const [one, other] = [await ask(first(scenario)), await ask(spoilt)]
  if (!one || !other) return undefined
  const part = otherPart(one[0]!.parts, other[0]!.parts, (name) => name !== 'state.x')
  return part && `${part} changes with what stands in a row that is padding`
}

const still: Broken = async (ask, scenario) => {
  const { config } = scenario
  if (config.update !== 'step' || config.maxNorm > 0 || config.weightDecay > 0 || config.correctionSignal !== 'state')
    return undefined
  const calm: Scenario = {
    ...first(scenario),
    config: { ...config, beta: 0, optimizer: 'sgd' },
    from: withoutMoments(scenario.from),
  }
  const one = await ask(calm)
  if (!one) return undefined
  const moved = [...one[0]!.parts].find(
    ([name, value]) => /^weights\.[MVUb]_/.test(name) && !sameNumbers(value, calm.from.tensors.get(name.slice(8))!),
  )
  return moved && `${moved[0]} moves though beta is 0 and nothing is corrected`
}

const withoutMoments = (from: Situation): Situation => ({
  ...from,
  tensors: new Map([...from.tensors].filter(([name]) => !/^(?:first|second|sum)\./.test(name))),
})
/** -0 and +0 are the same number. */
const sameNumbers = (a: Matrix, b: Matrix): boolean => Array.from(a.data).every((x, i) => x === b.data[i])

const flat: Broken = async (ask, scenario) => {
  const { config } = scenario
  const activation = 'sign' as const
  const one = await ask({ ...first(scenario), config: { ...config, activation } })
  if (!one) return undefined
  const bad = [...one[0]!.parts].find(([, { data }]) => !Array.from(data).every(Number.isFinite))
  return bad && `${bad[0]} is not finite with units that have no slope`
}

/** In the order of test/law/README.md, as far as a port shows them. */
export const OUTSIDE_LAWS: readonly OutsideLaw[] = [
  {
    name: 'flat',
    says: 'with units that have no slope all is defined and finite',
    needs: ({ activations }) => activations.includes('sign'),
    broken: flat,
  },
  { name: 'memory', says: 'no request leaves a trace: asked again, the same bits', broken: memory },
  {
    name: 'resume',
    says: 'a run stopped after any step and gone on from its answer gives the same bits',
    needs: ({ ops }) => ops.includes('run'),
    broken: resume,
  },
  { name: 'blind', says: 'the prediction of a step does not depend on its input', broken: blind },
  { name: 'padding', says: 'what a padded row holds changes nothing but the state that keeps the input', broken: padding },
  { name: 'still', says: 'with beta = 0, M, V, U and b do not move', broken: still },
  { name: 'rows', says: 'the rows of a batch may stand in any order', broken: rows },
]

/** What one law found in a port. */
export interface LawFinding {
  readonly law: string
  readonly says: string
  /** so many scenarios in which the port could show it */
  readonly tried: number
  readonly broken?: string
}

const CASES = 40

/** Holds a port to the laws that it can show, on scenarios drawn from a seed; each law until it is broken. */
export const lawsOf = async (port: Connection, caps: Caps, seed: number): Promise<readonly LawFinding[]> => {
  const untraced = { ...caps, trace: 'none' as const }
  const findings: LawFinding[] = []
  for (const [index, { name, says, needs, broken }] of OUTSIDE_LAWS.entries()) {
    let [tried, found]: [number, string | undefined] = [0, undefined]
    const ask: Ask = async (scenario) => {
      const { steps, fault } = await stepsOf(port, scenario, untraced)
      return fault ? undefined : (tried++, steps)
    }
    for (let i = 0; i < CASES && found === undefined && (needs?.(caps) ?? true); i++) {
      const key = split(keyOf(seed), 2 ** 42 + index)
      const scenario = randomScenario(key, i, caps)
      if (scenario.inputs.some(({ begin }) => begin)) continue
      found = await broken(ask, scenario, diceOf(split(key, i)))
    }
    findings.push({ law: name, says, tried, ...(found !== undefined && { broken: found }) })
  }
  return findings
}

/** Shakes hands with a port, holds it to the laws, and tells; the exit status. */
export const conformLaws = async (
  command: readonly string[],
  { limits, seed }: { readonly limits: Limits; readonly seed: number },
  { print }: Output,
): Promise<number> => {
  const port = processConnection(command, limits)
  const hello = await shakeHands(port)
  if ('fault' in hello) {
    print(`no handshake with ${commandText(command)}: ${hello.fault.what}\n`)
    await port.close()
    return STATUS.notStarted
  }
  const findings = await lawsOf(port, hello.caps, seed)
  await port.close()
  const { name, version, language } = hello.port
  const broken = findings.filter((one) => one.broken !== undefined)
  const seen = findings.filter(({ tried }) => tried > 0)
  const verdict =
    broken.length > 0 ? `breaks ${broken.map(({ law }) => law).join(', ')}` : `keeps ${seen.length} of ${findings.length} laws`
  print(`${lawsText(findings)}${name} ${version} (${language}) ${verdict}; whether its equations are right, say the vectors\n`)
  return broken.length > 0 ? STATUS.failures : seen.length > 0 ? STATUS.conforms : STATUS.nothingRan
}

/** The findings as lines; a law that nothing showed is said to be so. */
export const lawsText = (findings: readonly LawFinding[]): string =>
  findings
    .map(({ law, says, tried, broken }) => {
      const verdict = broken !== undefined ? 'BROKEN' : tried > 0 ? 'holds ' : 'unseen'
      return `${verdict}  ${law}: ${says}\n${broken === undefined ? '' : `          ${broken}\n`}`
    })
    .join('')

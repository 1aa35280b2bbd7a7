/** The reference as a port: it answers the requests of protocol 1, and is what a port is compared with. [pr-requests] */

import { brokenModel, brokenScore, brokenSignal, brokenUpdate, type Culprit } from '../engine/divergence.js'
import { PtncnError, show } from '../errors.js'
import { requireField, text } from '../fields.js'
import { asRecord } from '../io/json.js'
import { ACTIVATIONS } from '../numeric/activation.js'
import type { Matrix } from '../numeric/matrix.js'
import { applyUpdates, endSequence, requireOptimizer } from '../ptncn/apply.js'
import { SPEC_VERSION, SPEC_VERSIONS } from '../ptncn/config.js'
import { OPTIMIZERS } from '../ptncn/optimizers.js'
import { score, SCORE_OF } from '../ptncn/scores.js'
import { requireTime } from '../ptncn/state.js'
import { infer, step, type Inference, type Step } from '../ptncn/step.js'
import { scalar } from '../ptncn/trace.js'
import { exactly } from './equations/exact.js'
import { requireFit } from './equations/fitting.js'
import { askedRule } from './equations/asked.js'
import { answerPart } from './parts/answer.js'
import {
  decodeConfig,
  decodeScenario,
  encodeSituation,
  PARTS,
  PROTOCOL,
  readKey,
  readLine,
  readTensor,
  refuse,
  toHex,
  type Caps,
  type Fields,
} from './port/wire.js'
import { flatten, nest, partOfName, startOf, type Moment, type Scenario, type Situation } from './scenario.js'

/** What a step gives. */
export interface Outcome {
  readonly out: Matrix
  readonly situation: Situation
  readonly trace: ReadonlyMap<string, Matrix>
}

/** One step of the reference with its trace, or the first equation that was not finite. [ar-finite] */
const stepFrom = (scenario: Scenario, before: Situation, input: Moment): Outcome | Culprit => {
  const { config } = scenario
  const { from, course } = startOf(scenario, before, input)
  const { state, model } = nest(config, from)
  requireOptimizer(config, model.optimizer)
  const trace = new Map<string, Matrix>()
  const see = (name: string, value: Matrix): Matrix => {
    trace.set(name, value)
    return value
  }
  const result: Inference & Partial<Step> = (course.learns ? step : infer)(config, model.weights, state, input, { see })
  const broken =
    brokenSignal(config, model.weights, state, input, result, infer) ?? (result.updates && brokenUpdate(result.updates))
  if (broken) return broken
  if (course.scored) {
    const { loss, correct } = score(config.output, result.prediction, input)
    const brokenLoss = brokenScore(config, { loss, count: 0 })
    if (brokenLoss) return brokenLoss
    see(`${SCORE_OF[config.output]}.loss`, scalar(loss))
    if (correct !== undefined) see('S4.correct', scalar(correct))
  }
  const learned = result.updates ? applyUpdates(config, model, result.updates, input.mask, see) : model
  const after = brokenModel(learned) ? learned : course.ends ? endSequence(config, learned, see) : learned
  return brokenModel(after) ?? { out: result.prediction, situation: flatten(result.state, after), trace }
}

/** The steps of a scenario, and what stopped it before its end. */
export const runScenario = (scenario: Scenario): { readonly steps: readonly Outcome[]; readonly culprit?: Culprit } => {
  const steps: Outcome[] = []
  for (const input of scenario.inputs) {
    const outcome = stepFrom(scenario, steps.at(-1)?.situation ?? scenario.from, input)
    if ('equation' in outcome) return { steps, culprit: outcome }
    steps.push(outcome)
  }
  return { steps }
}

/** An outcome as the parts of an answer and its trace. */
export const answerOf = ({
  out,
  situation,
  trace,
}: Outcome): { readonly parts: ReadonlyMap<string, Matrix>; readonly trace: ReadonlyMap<string, Matrix> } => ({
  parts: new Map([['out', out], ...[...situation.tensors].map(([name, value]) => [partOfName(name), value] as const)]),
  trace,
})

export const encodeOutcome = ({ out, situation, trace }: Outcome, traced: boolean): object => {
  const { state, weights, optimizer } = encodeSituation(situation)
  return {
    out: toHex(out),
    state,
    weights,
    optimizer,
    ...(traced && { trace: Object.fromEntries([...trace].map(([name, value]) => [name, toHex(value)])) }),
  }
}

export const diverged = ({ equation, layer }: Culprit): object =>
  refuse('diverged', `${equation} of ${layer} is not finite`, { equation, layer })

const answerRun = (request: Fields): object => {
  const { steps, culprit } = runScenario(decodeScenario(request))
  if (culprit) return diverged(culprit)
  const encoded = steps.map((outcome) => encodeOutcome(outcome, request['want'] === 'trace'))
  return { ok: true, ...(request['op'] === 'run' ? { steps: encoded } : encoded[0]) }
}

/** One equation from its inputs. [pr-reads] */
const answerEquation = (request: Fields): object => {
  const config = decodeConfig(request['config'])
  const inputs = asRecord(request['inputs']) ?? {}
  const found = askedRule(config, request['equation'], Object.keys(inputs))
  if (!found) return refuse('unsupported', `no equation ${show(request['equation'])} in this configuration`)
  const get = (part: string): Matrix => {
    const name = found.reads[part]!
    return readTensor(name, Object.hasOwn(inputs, name) ? inputs[name] : undefined)
  }
  const key = readKey('key', request['key'])
  const t = request['t'] as number
  requireTime('t', t)
  requireFit(found, get)
  return { ok: true, value: toHex(exactly(found, get, { config, t, key })) }
}

const NAME = { name: 'ptncn reference', version: SPEC_VERSION, language: 'TypeScript' }

export const CAPS: Caps = {
  specs: SPEC_VERSIONS,
  layers: 65535,
  maxDims: 2 ** 24,
  activations: [...Object.keys(ACTIVATIONS), 'stochastic'],
  outputs: Object.keys(SCORE_OF),
  optimizers: Object.keys(OPTIMIZERS),
  ops: ['step', 'run', 'equation', ...PARTS],
  trace: 'full',
  level: 'bit',
}

const answer = (request: Fields): object => {
  switch (request['op']) {
    case 'hello':
      return { ok: true, protocol: PROTOCOL, specs: SPEC_VERSIONS, port: NAME, caps: CAPS }
    case 'step':
    case 'run':
      return answerRun(request)
    case 'equation':
      return answerEquation(request)
    case 'init':
    case 'function':
    case 'checkpoint':
      return answerPart(request['op'], request)
    default:
      return refuse('unsupported', `op ${show(request['op'])}`)
  }
}

/** The answer to a line, without its newline; undefined to `bye`. @throws FileError where the line is not JSON */
export const serveLine = (line: string): string | undefined => {
  requireField('FileError', 'line', line, text(Infinity))
  const request = readLine(line) ?? {}
  if (request['op'] === 'bye') return undefined
  try {
    return JSON.stringify({ id: request['id'], ...answer(request) })
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    return JSON.stringify({ id: request['id'], ...refuse('invalid', error.message) })
  }
}

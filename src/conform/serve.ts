/** The reference as a port: it answers the requests of protocol 1, and is what a port is compared with. [pr-requests] */

import { PtncnError } from '../errors.js'
import { brokenModel, brokenScore, brokenSignal, brokenUpdate, type Culprit } from '../engine/divergence.js'
import { ACTIVATIONS } from '../numeric/activation.js'
import type { Matrix } from '../numeric/matrix.js'
import { applyUpdates, endSequence, requireOptimizer } from '../ptncn/apply.js'
import { SPEC_VERSION } from '../ptncn/config.js'
import { score } from '../ptncn/scores.js'
import { requireTime } from '../ptncn/state.js'
import { infer, step, type Inference, type Step } from '../ptncn/step.js'
import { exactly } from './exact.js'
import { asRecord, parseJson, type Json } from './json.js'
import { decodeConfig, decodeScenario, encodeParts, PROTOCOL, readKey, type Refusal } from './protocol.js'
import { rulesOf } from './rules.js'
import { begun, courseOf, flatten, nest, partOfName, type Moment, type Scenario, type Situation } from './situation.js'
import { readTensor, scalar, toHex } from './tensor.js'

/** What a step gives. */
export interface Outcome {
  readonly out: Matrix
  readonly after: Situation
  readonly trace: ReadonlyMap<string, Matrix>
}

/** A run that stopped being finite. [ar-finite] */
export const isCulprit = (outcome: Outcome | Culprit): outcome is Culprit => 'equation' in outcome

const SCORES = { softmax: 'S1', sigmoid: 'S2', identity: 'S3' } as const

/** One step of the reference with its trace, or the first equation that was not finite. */
export const stepFrom = ({ config, train }: Scenario, from: Situation, input: Moment): Outcome | Culprit => {
  const start = input.begin ? begun(config, from, input.x.rows, input.begin) : from
  const { state, model } = nest(config, start)
  requireOptimizer(config, model.optimizer)
  const { learns, scored, ends } = courseOf(config, start, input, train)
  const trace = new Map<string, Matrix>()
  const see = (name: string, value: Matrix): Matrix => {
    trace.set(name, value)
    return value
  }
  const result: Inference & Partial<Step> = (learns ? step : infer)(config, model.weights, state, input, { see })
  const broken =
    brokenSignal(config, model.weights, state, input, result, infer) ?? (result.updates && brokenUpdate(result.updates))
  if (broken) return broken
  if (scored) {
    const { loss, correct } = score(config.output, result.prediction, input)
    const brokenLoss = brokenScore(config, { loss, count: 0 })
    if (brokenLoss) return brokenLoss
    see(`${SCORES[config.output]}.loss`, scalar(loss))
    if (correct !== undefined) see('S4.correct', scalar(correct))
  }
  const learned = result.updates ? applyUpdates(config, model, result.updates, input.mask, see) : model
  const after = brokenModel(learned) ? learned : ends ? endSequence(config, learned, see) : learned
  return brokenModel(after) ?? { out: result.prediction, after: flatten(result.state, after), trace }
}

/** The steps of a scenario; the last is a culprit where the run stopped. */
export const runScenario = (scenario: Scenario): readonly (Outcome | Culprit)[] => {
  const done: (Outcome | Culprit)[] = []
  let from = scenario.from
  for (const input of scenario.inputs) {
    const outcome = stepFrom(scenario, from, input)
    done.push(outcome)
    if (isCulprit(outcome)) return done
    from = outcome.after
  }
  return done
}

export const encodeOutcome = ({ out, after, trace }: Outcome, traced: boolean): Record<string, unknown> => {
  const { state, weights, optimizer } = encodeParts([...after.tensors].map(([name, value]) => [partOfName(name), value] as const))
  return {
    out: toHex(out),
    state: { t: after.t, key: after.key, ...state },
    weights,
    optimizer,
    ...(traced && { trace: Object.fromEntries([...trace].map(([name, value]) => [name, toHex(value)])) }),
  }
}

type Fields = Readonly<Record<string, Json>>

const refuse = (kind: Refusal['kind'], what: string, more: object = {}): object => ({ ok: false, kind, what, ...more })

export const diverged = ({ equation, layer }: Culprit): object =>
  refuse('diverged', `${equation} of ${layer} is not finite`, { equation, layer })

const answerRun = (request: Fields): object => {
  const outcomes = runScenario(decodeScenario(request))
  const last = outcomes.at(-1)!
  if (isCulprit(last)) return diverged(last)
  const steps = (outcomes as readonly Outcome[]).map((outcome) => encodeOutcome(outcome, request['want'] === 'trace'))
  return { ok: true, ...(request['op'] === 'run' ? { steps } : steps[0]) }
}

/** One equation from its inputs. [pr-reads] */
const answerEquation = (request: Fields): object => {
  const config = decodeConfig(request['config'])
  const inputs = new Map(
    Object.entries(asRecord(request['inputs']) ?? {}).map(([name, value]) => [name, readTensor(name, value)]),
  )
  const summed = [...inputs.keys()].some((name) => name.startsWith('sum.'))
  const courses = [true, false].flatMap((learns) => [true, false].map((ends) => ({ learns, scored: true, summed, ends })))
  const named = courses.flatMap((course) => rulesOf(config, course)).filter(({ id }) => id === request['equation'])
  // where a sequence ends without learning, O3 reads the sum that came in
  const found = named.find(({ reads }) => Object.values(reads).every((name) => inputs.has(name))) ?? named[0]
  if (!found) return refuse('unsupported', `no equation ${String(request['equation'])} in this configuration`)
  const get = (part: string): Matrix => {
    const value = inputs.get(found.reads[part]!)
    if (!value) throw new PtncnError('ShapeError', `"${found.reads[part]}" expected a tensor, got nothing`, part)
    return value
  }
  const key = readKey('key', request['key'])
  const t = request['t'] as number
  requireTime('t', t)
  return { ok: true, value: toHex(exactly(found, get, { config, t, key })) }
}

export const CAPS = {
  layers: 65535,
  maxDims: 2 ** 24,
  activations: [...Object.keys(ACTIVATIONS), 'stochastic'],
  outputs: ['softmax', 'sigmoid', 'identity'],
  optimizers: ['sgd', 'momentum', 'nesterov', 'adam', 'rmsprop'],
  ops: ['step', 'run', 'equation'],
  trace: 'full',
  level: 'bit',
}

const hello = (): object => ({
  ok: true,
  protocol: PROTOCOL,
  specs: [SPEC_VERSION],
  port: { name: 'ptncn reference', version: SPEC_VERSION, language: 'TypeScript' },
  caps: CAPS,
})

const answer = (request: Fields): object => {
  switch (request['op']) {
    case 'hello':
      return hello()
    case 'step':
    case 'run':
      return answerRun(request)
    case 'equation':
      return answerEquation(request)
    default:
      return refuse('unsupported', `op ${String(request['op'])}`)
  }
}

/** The answer to a line, without its newline; undefined to `bye`. */
export const serveLine = (line: string): string | undefined => {
  const request = asRecord(parseJson(line)) ?? {}
  if (request['op'] === 'bye') return undefined
  try {
    return JSON.stringify({ id: request['id'], ...answer(request) })
  } catch (error) {
    if (!(error instanceof PtncnError)) throw error
    return JSON.stringify({ id: request['id'], ...refuse('invalid', error.message) })
  }
}

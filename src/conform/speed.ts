/** How fast a port learns, beside the reference in the same run: nothing that a verdict depends on. */

import { keyOf } from '../numeric/random.js'
import { initialModel } from '../ptncn/apply.js'
import { config } from '../ptncn/config.js'
import { initialState, inputOf } from '../ptncn/state.js'
import { localConnection, request, type Connection } from './port/connection.js'
import { encodeScenario, type Caps } from './port/wire.js'
import { serveLine } from './reference.js'
import { flatten } from './scenario.js'

/** Hidden units of the network that is timed. */
export const SPEED_UNITS = 256
const INPUTS = 32
/** Timed so often, after one that warms up. */
const TIMES = 5

/** Milliseconds a learning step, the median. */
export interface Speed {
  readonly port: number
  readonly reference: number
}

const learningStep = (): object => {
  const settings = config({ units: [INPUTS, SPEED_UNITS], output: 'identity' })
  const x = { rows: 1, cols: INPUTS, data: Float32Array.from({ length: INPUTS }, (_, i) => i / INPUTS) }
  const from = flatten({ ...initialState(settings, 1), t: 1 }, initialModel(settings, keyOf(1)))
  return { ...encodeScenario({ config: settings, from, inputs: [inputOf(x)], train: true }), want: 'none' }
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!

const timed = async (port: Connection, body: object, now: () => number): Promise<number | undefined> => {
  const times: number[] = []
  for (let i = 0; i <= TIMES; i++) {
    const begin = now()
    const answer = await request(port, body)
    if ('fault' in answer || answer.fields['ok'] !== true) return undefined
    if (i > 0) times.push(now() - begin)
  }
  return median(times)
}

/** The time of a step of one row with 256 hidden units, the protocol's included; undefined where the port has no such step. */
export const speedOf = async (port: Connection, caps: Caps, now: () => number): Promise<Speed | undefined> => {
  if (caps.maxDims < SPEED_UNITS || !caps.outputs.includes('identity') || !caps.activations.includes('tanh')) return undefined
  const body = learningStep()
  const [own, reference] = [await timed(port, body, now), await timed(localConnection(serveLine), body, now)]
  return own === undefined || reference === undefined ? undefined : { port: own, reference }
}

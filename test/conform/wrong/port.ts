/** Wrong ports beyond those of mistakes.ts: how each class of them is made from the reference. */

import { exactly } from '../../../src/conform/equations/exact.js'
import type { Rule } from '../../../src/conform/equations/graph.js'
import { readLine, type Fields } from '../../../src/conform/port/wire.js'
import { serveLine } from '../../../src/conform/reference.js'
import type { Config } from '../../../src/ptncn/config.js'
import type { Matrix } from '../../../src/numeric/matrix.js'
import { badRun, type Planted } from '../bad-port.js'
import type { Moment } from '../mistakes.js'

/** A port with one mistake. */
export interface WrongPort {
  readonly id: string
  readonly kind: string
  /** what may be named: the clause, or clauses of which each would do; no other may be */
  readonly named: readonly string[]
  readonly serve: (line: string) => string | undefined
}

export type Wrong = (moment: Moment) => Matrix | undefined

export const get = ({ rule, known }: Moment, part: string): Matrix => known.get(rule.reads[part]!)!
export const right = ({ rule, setting, known }: Moment): Matrix => exactly(rule, (part) => known.get(rule.reads[part]!)!, setting)

/** Steps and runs by the graph of the equations, with a mistake; all else as the reference answers. */
export const planted = (id: string, kind: string, named: string, what: Planted): WrongPort => ({
  id,
  kind,
  named: named.split(' '),
  serve: (line) => {
    const request = readLine(line) ?? {}
    if (request['op'] !== 'step' && request['op'] !== 'run') return serveLine(line)
    const honest = serveLine(line)!
    // what has to be refused is refused rightly
    if (honest.includes('"ok":false')) return honest
    try {
      return JSON.stringify({ id: request['id'], ok: true, ...badRun(what, request) })
    } catch {
      return honest
    }
  },
})

type When = (moment: Moment) => boolean

/** One equation that is wrong where `when` holds. */
export const ruled = (id: string, kind: string, named: string, when: When, wrong: Wrong): WrongPort =>
  planted(id, kind, named, { wrong: (moment) => (when(moment) ? wrong(moment) : undefined) })

export const isOf =
  (equation: string) =>
  ({ rule }: Moment): boolean =>
    rule.equation === equation
export const isKind =
  (...kinds: readonly Rule['kind'][]) =>
  ({ rule }: Moment): boolean =>
    kinds.includes(rule.kind)
export const both =
  (...all: readonly When[]): When =>
  (moment) =>
    all.every((one) => one(moment))

/** The equation with other numbers of the configuration. */
export const otherwise =
  (change: (config: Config) => Partial<Config>): Wrong =>
  (moment) =>
    right({ ...moment, setting: { ...moment.setting, config: { ...moment.setting.config, ...change(moment.setting.config) } } })

/** The last element is next to the right one. */
export const nudged: Wrong = (moment) => {
  const value = right(moment)
  const data = Float32Array.from(value.data)
  const last = data.length - 1
  data[last] = Math.fround(data[last]! * (1 + 2 ** -20) + 2 ** -60)
  return { ...value, data }
}

type Body = Record<string, any>

/** The reference, asked something else, or its answer changed. */
export const between = (
  id: string,
  kind: string,
  named: string,
  {
    ask = (request) => request,
    answer = (given) => given,
  }: { readonly ask?: (request: Body) => Body; readonly answer?: (answer: Body, request: Body) => Body | undefined },
): WrongPort => ({
  id,
  kind,
  named: named.split(' '),
  serve: (line) => {
    const request = JSON.parse(line) as Body
    if (request['op'] === 'hello' || request['op'] === 'bye') return serveLine(line)
    const asked = ask(structuredClone(request))
    const given = serveLine(JSON.stringify(asked))
    const said = JSON.parse(given!) as Body
    return JSON.stringify({ ...answer(said, request), id: request['id'] })
  },
})

export const isRun = (request: Body | Fields): boolean => request['op'] === 'step' || request['op'] === 'run'
/** The inputs of a request, one or more. */
export const inputsOf = (request: Body): Body[] => (request['op'] === 'run' ? request['inputs'] : [request['input']])
export const stepsOf = (answer: Body, request: Body): Body[] => (request['op'] === 'run' ? answer['steps'] : [answer])

export const bits = (x: number): string => {
  const view = new DataView(new ArrayBuffer(4))
  view.setFloat32(0, x)
  return view.getUint32(0).toString(16).padStart(8, '0')
}
export const float = (hex: string): number => {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, Number.parseInt(hex, 16))
  return view.getFloat32(0)
}
export const mapBits = (tensor: { s: number[]; x: string }, f: (hex: string) => string): { s: number[]; x: string } => ({
  ...tensor,
  x: (tensor.x.match(/.{8}/g) ?? []).map(f).join(''),
})

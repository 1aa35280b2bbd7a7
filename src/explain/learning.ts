/** How an element of each equation that learns comes about: L1 to L6, O1 to O5, sums and powers. [L1] [L2] [L6] [O1] [O2] [O3] [O5] [O4] */

import { at, multiply, subtract } from '../numeric/matrix.js'
import { frobeniusNorm, laneSum } from '../numeric/sum.js'
import { withRate } from '../ptncn/optimizers.js'
import type { WeightName } from '../ptncn/weights.js'
import { has, line, only, operand, rowOf, valued, sumOf, sumOfProducts, type Asked, type Line, type Operand } from './lines.js'
import { plain } from './decimal.js'

const { sqrt } = Math

/** An update: the sum over the rows of the batch of a signal before the synapse times one after it. [L1] [L3] [L4] [L5] */
export const outer = (asked: Asked): readonly Line[] => {
  const { rule, get, row, col } = asked
  const pairs = Array.from(
    { length: get('before').rows },
    (_, r) => [operand(asked, 'before', r, row), operand(asked, 'after', r, col)] as const,
  )
  return [sumOfProducts(`${rule.reads['before']}' ${rule.reads['after']}, row after row of the batch`, pairs)]
}

const squares = (asked: Asked, part: string): Line =>
  line(`the norm of ${asked.rule.reads[part]}`, frobeniusNorm(asked.get(part)))

/** fl(fl(d r) / norm) where the norm is above r. */
const clipped = (asked: Asked, part: string, row: number, col: number): readonly Line[] => {
  const { clip: r } = asked.setting.config
  const d = operand(asked, part, row, col)
  const norm = squares(asked, part)
  if (r <= 0) return [line('no clip, as clip is 0 or less', d.value, [d])]
  if (!(norm.value > r)) return [norm, line(`is not above ${valued('clip', r)}: the same number`, d.value, [d])]
  const grown = line(`times ${valued('clip', r)}`, d.value * r, [d])
  return [norm, grown, line('over the norm', grown.value / norm.value)]
}

/** The update of W, clipped where the clip comes first, with row and column exchanged. [L2] */
export const transposed = (asked: Asked): readonly Line[] => {
  const { setting, row, col } = asked
  const { gamma, clipOrder } = setting.config
  const dW = operand(asked, 'dW', col, row)
  const lines = clipOrder === 'clip-mean' ? clipped(asked, 'dW', col, row) : []
  return [
    ...lines,
    line(`${valued('gamma', gamma)} times that of the other row and column`, gamma * (lines.at(-1)?.value ?? dW.value), [dW]),
  ]
}

export const temporal = (asked: Asked): readonly Line[] => {
  const { rule, get, setting, row, col } = asked
  const change = subtract(get('d'), get('dBefore'))
  const changed = (r: number): Operand => ({
    name: `${rule.reads['d']} - ${rule.reads['dBefore']}`,
    row: r,
    col,
    value: at(change, r, col),
  })
  const pairs = Array.from({ length: change.rows }, (_, r) => [operand(asked, 'e', r, row), changed(r)] as const)
  const sum = sumOfProducts(`${rule.reads['e']}' (${rule.reads['d']} - ${rule.reads['dBefore']})`, pairs)
  return [sum, line(`times -gamma (${plain(-setting.config.gamma)})`, -setting.config.gamma * sum.value)]
}

export const columns = (asked: Asked): readonly Line[] => [
  sumOf(
    `the rows of ${asked.rule.reads['signal']}, one after another`,
    Array.from({ length: asked.get('signal').rows }, (_, r) => operand(asked, 'signal', r, asked.col)),
  ),
]

export const clipping = (asked: Asked): readonly Line[] => clipped(asked, 'd', asked.row, asked.col)

export const averaging = (asked: Asked): readonly Line[] => {
  const { get, setting, row, col } = asked
  const mask = Array.from(get('mask').data)
  const N = setting.config.mean === 'all' ? mask.length : Math.max(1, mask.filter((m) => m === 1).length)
  const d = operand(asked, 'd', row, col)
  const part = line(`1 / ${N}`, 1 / N)
  return [part, line('times that', part.value * d.value, [d])]
}

export const adding = (asked: Asked): readonly Line[] => {
  const { row, col } = asked
  const d = operand(asked, 'd', row, col)
  if (!has(asked, 'sum')) return [line('the sum begins as the first', d.value, [d])]
  const sum = operand(asked, 'sum', row, col)
  return [line('the sum so far plus this one', sum.value + d.value, [sum, d])]
}

export const power = (asked: Asked): readonly Line[] => {
  const { beta1, beta2 } = asked.setting.config
  const [part, beta] = has(asked, 'power1') ? (['power1', beta1] as const) : (['power2', beta2] as const)
  const before = only(asked, part)
  return [line(`times ${valued(part === 'power1' ? 'beta1' : 'beta2', beta)}`, before.value * beta, [before])]
}

/** decay old + (1 - decay) of what is new. */
const averaged = (decay: number, old: Operand, fresh: number, of: string): readonly Line[] => {
  const kept = line(`the part that is kept (${plain(decay)})`, decay * old.value, [old])
  const rest = line('1 less that part', 1 - decay)
  const taken = line(`that times ${of}`, rest.value * fresh)
  return [kept, rest, taken, line('both together', kept.value + taken.value)]
}

export const first = (asked: Asked): readonly Line[] => {
  const { row, col, setting } = asked
  const { optimizer, momentum, beta1 } = setting.config
  const [old, d] = [operand(asked, 'old', row, col), operand(asked, 'd', row, col)]
  if (optimizer === 'adam') return averaged(beta1, old, d.value, d.name)
  const kept = line(`${valued('momentum', momentum)} times the old one`, momentum * old.value, [old])
  return [kept, line(`plus ${d.name}`, kept.value + d.value, [d])]
}

export const second = (asked: Asked): readonly Line[] => {
  const { row, col, setting } = asked
  const { optimizer, beta2, decay } = setting.config
  const [old, d] = [operand(asked, 'old', row, col), operand(asked, 'd', row, col)]
  const square = line(`the square of ${d.name}`, d.value * d.value, [d])
  return [square, ...averaged(optimizer === 'adam' ? beta2 : decay, old, square.value, 'the square')]
}

/** rate s / (sqrt(q) + epsilon) */
const normalised = (rate: number, epsilon: number, s: number, q: number): readonly Line[] => {
  const up = line(`${valued('rate', rate)} times that`, rate * s)
  const root = line('the square root of the second moment', sqrt(q))
  const down = line(`plus ${valued('epsilon', epsilon)}`, root.value + epsilon)
  return [up, root, down, line('the step: the one over the other', up.value / down.value)]
}

const unbiased = (asked: Asked, part: string, powered: string): readonly Line[] => {
  const [moment, product] = [operand(asked, part, asked.row, asked.col), only(asked, powered)]
  const left = line(`1 - ${powered}`, 1 - product.value, [product])
  const factor = line('1 over that', 1 / left.value)
  return [left, factor, line(`times ${moment.name}`, factor.value * moment.value, [moment])]
}

const steps: Readonly<Record<string, (asked: Asked, rate: number) => readonly Line[]>> = {
  sgd: (asked, rate) => {
    const d = operand(asked, 'd', asked.row, asked.col)
    return [line(`the step: ${valued('rate', rate)} times the update`, rate * d.value, [d])]
  },
  momentum: (asked, rate) => {
    const v = operand(asked, 'first', asked.row, asked.col)
    return [line(`the step: ${valued('rate', rate)} times v`, rate * v.value, [v])]
  },
  nesterov: (asked, rate) => {
    const [d, v] = [operand(asked, 'd', asked.row, asked.col), operand(asked, 'first', asked.row, asked.col)]
    const { momentum } = asked.setting.config
    const now = line(`${valued('rate', rate)} times the update`, rate * d.value, [d])
    const carried = line(`${valued('momentum', momentum)} times v`, momentum * v.value, [v])
    const moved = line(`${valued('rate', rate)} times that`, rate * carried.value)
    return [now, carried, moved, line('the step: both together', now.value + moved.value)]
  },
  rmsprop: (asked, rate) => {
    const [d, q] = [operand(asked, 'd', asked.row, asked.col), operand(asked, 'second', asked.row, asked.col)]
    return [line('the update', d.value, [d, q]), ...normalised(rate, asked.setting.config.epsilon, d.value, q.value)]
  },
  adam: (asked, rate) => {
    const [s, q] = [unbiased(asked, 'first', 'power1'), unbiased(asked, 'second', 'power2')]
    return [...s, ...q, ...normalised(rate, asked.setting.config.epsilon, s.at(-1)!.value, q.at(-1)!.value)]
  },
}

/** The new weight; a matrix with many rows has a part of the rate. [op-rate] */
export const move = (asked: Asked): readonly Line[] => {
  const { rule, setting, row, col, get } = asked
  const name = /\.(\w)_/.exec(rule.id)![1] as WeightName
  const w = operand(asked, 'w', row, col)
  const { rate } = withRate(setting.config, name, rule.level, get('w').rows)
  const own = rate === setting.config.rate ? [] : [line('the rate of this matrix, by fan-in', rate)]
  const lines = steps[setting.config.optimizer]!(asked, rate)
  return [...own, ...lines, line(`${w.name} minus the step`, w.value - lines.at(-1)!.value, [w])]
}

export const fade = (asked: Asked): readonly Line[] => {
  const w = operand(asked, 'w', asked.row, asked.col)
  const { weightDecay } = asked.setting.config
  const lost = line(`${valued('weightDecay', weightDecay)} times the weight`, weightDecay * w.value, [w])
  return [lost, line('the weight minus that', w.value - lost.value)]
}

export const project = (asked: Asked): readonly Line[] => {
  const { get, row, col, setting } = asked
  const { maxNorm } = setting.config
  const w = operand(asked, 'w', row, col)
  if (maxNorm <= 0) return [line('no projection, as maxNorm is 0', w.value, [w])]
  const own = rowOf(get('w'), row)
  const norm = line('the norm of the row', sqrt(laneSum(multiply(own, own).data, 0, own.cols)))
  if (!(norm.value > maxNorm)) return [norm, line(`is not above ${valued('maxNorm', maxNorm)}: the same number`, w.value, [w])]
  const grown = line(`times ${valued('maxNorm', maxNorm)}`, w.value * maxNorm, [w])
  return [norm, grown, line('over the norm', grown.value / norm.value)]
}

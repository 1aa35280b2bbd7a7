/** How an element of each forward equation comes about, A1 to C4. [A1] [A2] [P1] [C1] [C2] [C3] [C4] */

import { ACTIVATIONS } from '../numeric/activation.js'
import { exp, sigmoid } from '../numeric/elementary.js'
import { at } from '../numeric/matrix.js'
import { philox, unitInterval } from '../numeric/random.js'
import { laneSum } from '../numeric/sum.js'
import { activate, predictionStage } from '../ptncn/layer.js'
import { dotted, has, line, operand, rowOf, valued, type Asked, type Line } from './lines.js'

const { fround, abs } = Math

const last = (lines: readonly Line[]): number => lines.at(-1)!.value

/** The lines, and one more that adds an element of a part to the last of them, where the rule has that part. */
const plusBias = (asked: Asked, part: string, lines: readonly Line[]): readonly Line[] => {
  if (!has(asked, part)) return lines
  const bias = operand(asked, part, 0, asked.col)
  return [...lines, line('plus the bias', last(lines) + bias.value, [bias])]
}

/** Each product completed, then added from left to right. [A1] */
export const advance = (asked: Asked): readonly Line[] => {
  const pairs = [
    ['below', 'M'],
    ['above', 'U'],
    ['own', 'V'],
  ] as const
  const products = pairs.filter(([, weight]) => has(asked, weight)).map(([signal, weight]) => dotted(asked, signal, weight))
  const added = products.slice(1).reduce<readonly Line[]>((lines, { what, value }) => {
    const before = last(lines.length > 0 ? lines : products.slice(0, 1))
    return [...lines, line(`plus ${what}`, before + value)]
  }, [])
  return plusBias(asked, 'b', [...products, ...added])
}

const activated = (asked: Asked, part: string, level: number, stage: number): readonly Line[] => {
  const { rule, get, setting, row, col } = asked
  const { config, key, t } = setting
  const a = operand(asked, part, row, col)
  if (config.activation !== 'stochastic') {
    const f = typeof config.activation === 'function' ? config.activation : ACTIVATIONS[config.activation]
    const name = typeof config.activation === 'function' ? 'f' : config.activation
    return [line(`${name} of ${rule.reads[part]}`, f(a.value), [a])]
  }
  // the draw as the engine makes it, of the whole row that the unit stands in
  const drawn = activate(config, get(part), { key, t, level, stage })
  const words = philox([Math.floor(col / 4), row, stage * 0x10000 + level, t], key)
  return [
    line('sigmoid, the probability of 1', sigmoid(a.value), [a]),
    line('u, drawn from [0, 1)', unitInterval(words[(col % 4) as 0 | 1 | 2 | 3])),
    line('1 where u is below the probability', at(drawn, row, col)),
  ]
}

/** f of an element; of a stochastic unit, its draw. [ar-units] [ar-stochastic] */
export const response = (asked: Asked): readonly Line[] => activated(asked, 'a', asked.rule.level, asked.rule.pass)

export const logits = (asked: Asked): readonly Line[] => plusBias(asked, 'c', [dotted(asked, 'z', 'W')])

/** e_j over the lane sum of all e of the row. [ar-softmax] */
const softened = (asked: Asked): readonly Line[] => {
  const { get, row, col } = asked
  const values = rowOf(get('logits'), row)
  const own = operand(asked, 'logits', row, col)
  const largest = Math.max(...Array.from(values.data))
  const powers = Float32Array.from(values.data, (value) => exp(fround(value - largest)))
  const total = laneSum(powers, 0, powers.length)
  return [
    line('the largest of the row', largest),
    line('exp of the difference from it', powers[col]!, [own]),
    line('the lane sum of those of the row', total),
    line('the one over the other', powers[col]! / total),
  ]
}

export const predict = (asked: Asked): readonly Line[] => {
  const { rule, row, col, setting } = asked
  const { hiddenPrediction, output } = setting.config
  const own = operand(asked, 'logits', row, col)
  if (rule.level > 0 && hiddenPrediction === 'activation')
    return activated(asked, 'logits', rule.level, predictionStage(rule.pass))
  if (rule.level > 0 || output === 'identity') return [line('the same number', own.value, [own])]
  return output === 'sigmoid' ? [line('sigmoid', sigmoid(own.value), [own])] : softened(asked)
}

/** The difference, then its product with the mask of the row. */
const masked = (asked: Asked, lines: readonly Line[]): readonly Line[] => {
  const m = operand(asked, 'mask', asked.row, 0)
  return [...lines, line('times the mask of the row', m.value * last(lines), [m])]
}

const difference = (asked: Asked): Line => {
  const { rule, row, col } = asked
  const [left, right] = [operand(asked, 'left', row, col), operand(asked, 'right', row, col)]
  return line(`${rule.reads['left']} - ${rule.reads['right']}`, left.value - right.value, [left, right])
}

export const predictionError = (asked: Asked): readonly Line[] => masked(asked, [difference(asked)])

export const correction = (asked: Asked): readonly Line[] => {
  const { correctionSignal, window } = asked.setting.config
  const taken = difference(asked)
  const far = correctionSignal === 'drive' && window > 0 && !(abs(taken.operands[0]!.value) < window)
  return masked(asked, far ? [taken, line('the drive is outside the window', 0)] : [taken])
}

export const feedback = (asked: Asked): readonly Line[] => {
  const { row, col, setting } = asked
  const { alpha, lambda } = setting.config
  const lines = [dotted(asked, 'below', 'E')]
  if (has(asked, 'e')) {
    const e = operand(asked, 'e', row, col)
    const held = line(`${valued('alpha', alpha)} times ${e.name}`, alpha * e.value, [e])
    lines.push(held, line('minus that', lines[0]!.value - held.value))
  }
  // where lambda is 0, the term changes no bit
  if (lambda !== 0) {
    const a = operand(asked, 'a', row, col)
    const sparse = line(`${valued('lambda', lambda)} times sign(${a.name})`, lambda * ACTIVATIONS.sign(a.value), [a])
    lines.push(sparse, line('plus that', lines.at(-1)!.value + sparse.value))
  }
  return lines
}

export const correct = (asked: Asked): readonly Line[] => {
  const { row, col, setting } = asked
  const [a, h] = [operand(asked, 'a', row, col), operand(asked, 'h', row, col)]
  const given = line(`${valued('beta', setting.config.beta)} times ${h.name}`, setting.config.beta * h.value, [h])
  return [given, line(`${a.name} minus that`, a.value - given.value, [a])]
}

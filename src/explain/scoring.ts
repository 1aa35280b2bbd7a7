/** How a score comes about. [S1] [S2] [S3] [S4] [S5] */

import { at } from '../numeric/matrix.js'
import { score } from '../ptncn/scores.js'
import { rowOf, type Asked, type Line, type Operand, type Term } from './lines.js'

const { fround } = Math

/** What one row of the batch scores by itself; the score of several is their sum in ascending order. */
const ofRow = ({ get, setting }: Asked, row: number): { readonly loss: number; readonly correct: number } => {
  const mask = rowOf(get('mask'), row)
  const { loss, correct = 0 } = score(setting.config.output, rowOf(get('p'), row), { x: rowOf(get('x'), row), mask })
  return { loss, correct }
}

const added = (what: string, asked: Asked, of: 'loss' | 'correct'): readonly Line[] => {
  const { get } = asked
  let sum = 0
  const terms = Array.from({ length: get('p').rows }, (_, row): Term => {
    const value = ofRow(asked, row)[of]
    sum = fround(sum + value)
    const m: Operand = { name: asked.rule.reads['mask']!, row, col: 0, value: at(get('mask'), row, 0) }
    return { operands: [m], value, sum }
  })
  return [{ what, operands: [], terms, value: sum }]
}

export const loss = (asked: Asked): readonly Line[] => added('the losses of the active rows, one after another', asked, 'loss')

export const hits = (asked: Asked): readonly Line[] => added('the rows whose largest is in the right place', asked, 'correct')

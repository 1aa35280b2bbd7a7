/** The shapes of what an equation reads: they have to fit one another. [pr-answers] */

import { mismatch } from '../../errors.js'
import type { Matrix } from '../../numeric/matrix.js'
import type { Get } from './exact.js'
import type { Kind, Rule } from './graph.js'

/** Rows and columns of each part, by letters: the same letter is the same number; 1 is 1. */
const SHAPES: Readonly<Partial<Record<Kind, string>>> = {
  advance: 'below:Bi M:in above:Bu U:un own:Bn V:nn b:1n',
  logits: 'z:Bn W:nm c:1m',
  predictionError: 'left:Bn right:Bn mask:B1',
  feedback: 'below:Bm E:mn e:Bn a:Bn',
  correct: 'a:Bn h:Bn',
  correction: 'left:Bn right:Bn mask:B1',
  outer: 'before:Bi after:Bj',
  temporal: 'e:Bi d:Bj dBefore:Bj',
  loss: 'p:Bn x:Bn mask:B1',
  hits: 'p:Bn x:Bn mask:B1',
  mean: 'd:in mask:B1',
  add: 'sum:in d:in',
  power: 'power1:11 power2:11',
  first: 'old:in d:in',
  second: 'old:in d:in',
  move: 'w:in d:in first:in second:in power1:11 power2:11',
}

/** @throws ShapeError where what a rule reads does not fit together */
export const requireFit = ({ kind, reads }: Rule, get: Get): void => {
  const sizes = new Map<string, number>([['1', 1]])
  for (const [part, letters] of (SHAPES[kind] ?? '').split(' ').map((one) => one.split(':') as [string, string])) {
    const name = reads[part]
    if (name === undefined) continue
    const { rows, cols }: Matrix = get(part)
    const [first, second] = [...letters] as [string, string]
    for (const [letter, size, what] of [
      [first, rows, 'rows'],
      [second, cols, 'columns'],
    ] as const) {
      const known = sizes.get(letter) ?? size
      if (known !== size) throw mismatch('ShapeError', name, `${known} ${what}, as the other tensors have`, size)
      sizes.set(letter, size)
    }
  }
}

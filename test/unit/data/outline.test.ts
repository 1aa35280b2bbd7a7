import assert from 'node:assert/strict'
import { test } from 'node:test'

import { rasterise, type Command } from '../../tools/outline.js'

const contour = (...points: readonly (readonly [number, number])[]): Command[] => [
  ...points.map(([x, y], i): Command => ({ type: i === 0 ? 'M' : 'L', x, y })),
  { type: 'Z' },
]

const rectangle = (left: number, bottom: number, right: number, top: number): Command[] =>
  contour([left, bottom], [right, bottom], [right, top], [left, top])

const rows = (commands: readonly Command[], side: number, box: number): number[][] => {
  const pixels = [...rasterise(commands, side, box)]
  return Array.from({ length: side }, (_, y) => pixels.slice(y * side, (y + 1) * side))
}

test('an outline is scaled to its box, in the middle; half a pixel is half a grey', () => {
  assert.deepEqual(rows(rectangle(-7, 100, 3, 140), 6, 4), [
    [0, 0, 0, 0, 0, 0],
    [0, 0, 130, 130, 0, 0],
    [0, 0, 130, 130, 0, 0],
    [0, 0, 130, 130, 0, 0],
    [0, 0, 130, 130, 0, 0],
    [0, 0, 0, 0, 0, 0],
  ])
})

test('y grows upwards', () => {
  assert.deepEqual(rows([...rectangle(0, 0, 2, 1), ...rectangle(0, 1, 1, 2)], 2, 2), [
    [255, 0],
    [255, 255],
  ])
})

test('contours that overlap are ink once; a contour that turns the other way is a hole', () => {
  const square = rectangle(0, 0, 4, 4)
  assert.deepEqual(rows([...square, ...rectangle(1, 1, 3, 3)], 4, 4), Array(4).fill(Array(4).fill(255)))
  assert.deepEqual(rows([...square, ...contour([1, 1], [1, 3], [3, 3], [3, 1])], 4, 4), [
    [255, 255, 255, 255],
    [255, 0, 0, 255],
    [255, 0, 0, 255],
    [255, 255, 255, 255],
  ])
})

/** The area in pixels. */
const area = (commands: readonly Command[]): number => rasterise(commands, 64, 64).reduce((sum, value) => sum + value, 0) / 255

test('curves enclose the areas that they should', () => {
  const parabola: Command[] = [{ type: 'M', x: 0, y: 0 }, { type: 'Q', x1: 1, y1: 2, x: 2, y: 0 }, { type: 'Z' }]
  const cubic: Command[] = [
    { type: 'M', x: 0, y: 0 },
    { type: 'C', x1: 0, y1: 4 / 3, x2: 2, y2: 4 / 3, x: 2, y: 0 },
    { type: 'Z' },
  ]
  // two thirds of the box of the parabola; three fifths of 2 times 4 / 3 for the cubic; a unit is 32 pixels
  assert.ok(Math.abs(area(parabola) / 32 ** 2 - 4 / 3) < 0.02)
  assert.ok(Math.abs(area(cubic) / 32 ** 2 - 8 / 5) < 0.02)
})

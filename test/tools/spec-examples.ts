/**
 * Writes the results of SPEC.md's examples anew, in the text and in the files that it names:
 * `tsx test/tools/spec-examples.ts`. A change of a result is a change of the specification.
 */

import { writeFileSync } from 'node:fs'
import { matrix, type Matrix } from '../../src/numeric/matrix.js'
import { normals, keyOf, split } from '../../src/numeric/random.js'
import { toHex } from '../support/bits.js'
import { blocks, evaluateLine, exampleFiles, readSpec, runExample, SPEC, type StepExample } from '../support/spec.js'

type Sequence = StepExample['sequences'][number]

/** One-hot rows: the symbol of each row, step by step, and -1 for a padding row, which holds symbol 0. */
const symbols = (width: number, steps: readonly (readonly number[])[]): Sequence['inputs'] =>
  steps.map((row) => ({
    x: toHex(
      matrix(
        row.length,
        width,
        row.flatMap((symbol) => Array.from({ length: width }, (_, j) => Number(j === Math.max(symbol, 0)))),
      ),
    ),
    mask: toHex(
      matrix(
        row.length,
        1,
        row.map((symbol) => Number(symbol >= 0)),
      ),
    ),
  }))

const frames = (seed: number, masks: readonly (readonly number[])[], width: number): Sequence['inputs'] =>
  masks.map((mask, t) => {
    const x: Matrix = normals(split(keyOf(seed), t), mask.length, width, 0.5)
    return { x: toHex(matrix(x.rows, x.cols, Array.from(x.data, Math.abs))), mask: toHex(matrix(mask.length, 1, mask)) }
  })

const licence = 'Free of copyright: CC0-1.0, https://creativecommons.org/publicdomain/zero/1.0/'

/** The first stands in the text, the others are files, in the order in which SPEC.md names them. */
const EXAMPLES: readonly StepExample[] = [
  {
    config: { units: [3, 2, 2], weightScale: 0.5, alpha: 0.25, clip: 0.5 },
    profile: 'released',
    seed: 1,
    weights: {},
    sequences: [
      {
        key: [0, 0],
        inputs: symbols(3, [
          [0, 2],
          [1, 0],
          [2, -1],
        ]),
        steps: [],
      },
    ],
    after: {},
  },
  {
    licence,
    config: {
      units: [6, 5, 7, 6],
      weightScale: 0.5,
      alpha: 0.25,
      beta: 0.5,
      lambda: 0.0625,
      passes: 2,
      gamma: 0.75,
      clip: 0.3,
      biases: true,
      learnFrom: 0,
    },
    profile: 'released',
    seed: 2,
    sequences: [
      {
        key: [0, 0],
        inputs: symbols(6, [
          [0, 1, 2],
          [3, -1, 4],
          [5, 3, 0],
        ]),
        steps: [],
      },
      {
        key: [0, 0],
        inputs: symbols(6, [
          [4, 4, -1],
          [1, 2, 3],
        ]),
        steps: [],
      },
    ],
    after: {},
  },
  {
    licence,
    config: {
      units: [5, 3, 4],
      activation: 'stochastic',
      output: 'sigmoid',
      optimizer: 'adam',
      rate: 0.1,
      clip: 0.25,
      clipOrder: 'mean-clip',
      mean: 'active',
      update: 'sequence',
      maxNorm: 0.125,
      weightScale: 0.25,
      beta: 2,
    },
    profile: 'paper',
    seed: 3,
    sequences: [
      {
        key: [5, 6],
        inputs: frames(
          4,
          [
            [1, 1, 1],
            [1, 1, 1],
            [1, 0, 1],
          ],
          5,
        ),
        steps: [],
      },
      {
        key: [7, 8],
        inputs: frames(
          9,
          [
            [1, 1, 1],
            [0, 1, 1],
            [0, 0, 0],
          ],
          5,
        ),
        steps: [],
      },
    ],
    after: {},
  },
]

/** JSON with one tensor a line. */
const layOut = (value: unknown, indent = ''): string => {
  const deeper = `${indent}  `
  const flat = typeof value !== 'object' || value === null || 's' in value || typeof (value as unknown[])[0] === 'number'
  if (flat || Object.keys(value).length === 0) return JSON.stringify(value)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Array.isArray(value)
    ? value.map((item) => layOut(item, deeper))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${layOut(item, deeper)}`)
  return `${open}\n${parts.map((part) => deeper + part).join(',\n')}\n${indent}${close}`
}

const [first, ...others] = EXAMPLES.map((example) => layOut(runExample(example)))

const withExample = (spec: string): string => spec.replace(blocks(spec, 'json step')[0]!, `${first}\n`)

const withBits = (spec: string): string =>
  blocks(spec, 'bits').reduce(
    (text, block) =>
      text.replace(
        block,
        block
          .trim()
          .split('\n')
          .map((line) => `${line.split(' = ')[0]} = ${evaluateLine(line)}\n`)
          .join(''),
      ),
    spec,
  )

writeFileSync(SPEC, withBits(withExample(readSpec())))
exampleFiles(readSpec()).forEach((path, i) => writeFileSync(new URL(path, SPEC), `${others[i]}\n`))

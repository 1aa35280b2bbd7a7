/** Writes the results of SPEC.md's examples anew: `tsx test/tools/spec-examples.ts`. A change of a result is a change of the specification. */

import { writeFileSync } from 'node:fs'
import { config, initialWeights, keyOf, mapWeights, matrix } from '../../src/index.js'
import { toHex, type HexTensor } from '../support/bits.js'
import { blocks, evaluateLine, readSpec, runExample, SPEC, type StepExample } from '../support/spec.js'

const CONFIG = { units: [3, 2, 2], weightScale: 0.5, alpha: 0.25, clip: 0.5 }

const given = (): Omit<StepExample, 'steps' | 'after'> => {
  const weights: Record<string, HexTensor> = {}
  mapWeights((weight, name, l) => {
    weights[`${name}_${l}`] = toHex(weight)
    return weight
  }, initialWeights(config(CONFIG), keyOf(1)))
  const inputs = [[0, 2], [1, 0], [2, 1]].map(([first, second], t) => ({
    x: toHex(matrix(2, 3, [0, 1, 2, 0, 1, 2].map((j, i) => Number(j === (i < 3 ? first : second))))),
    mask: toHex(matrix(2, 1, [1, t < 2 ? 1 : 0])),
  }))
  return { config: CONFIG, weights, inputs }
}

/** JSON with one tensor a line. */
const layOut = (value: unknown, indent = ''): string => {
  const deeper = `${indent}  `
  if (typeof value !== 'object' || value === null || 's' in value || typeof (value as unknown[])[0] === 'number') return JSON.stringify(value)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Array.isArray(value)
    ? value.map((item) => layOut(item, deeper))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${layOut(item, deeper)}`)
  return `${open}\n${parts.map((part) => deeper + part).join(',\n')}\n${indent}${close}`
}

const withExample = (spec: string): string => {
  const start = given()
  const [old] = blocks(spec, 'json step')
  return spec.replace(old!, `${layOut({ ...start, ...runExample(start) })}\n`)
}

const withBits = (spec: string): string =>
  blocks(spec, 'bits').reduce(
    (text, block) => text.replace(block, block.trim().split('\n').map((line) => `${line.split(' = ')[0]} = ${evaluateLine(line)}\n`).join('')),
    spec,
  )

writeFileSync(SPEC, withBits(withExample(readSpec())))

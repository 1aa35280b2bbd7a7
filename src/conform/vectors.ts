/** Vector files: published cases with everything a port is given and everything it has to answer. [pr-vectors] */

import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { namingFile } from '../io/guess.js'
import { readText } from '../io/files.js'
import type { Matrix } from '../numeric/matrix.js'
import { parseVectors, type Case } from './case.js'
import { sameBits, type Level } from './equations/rounding.js'
import { judge } from './judge.js'
import { answerPart } from './parts/answer.js'
import { judgePart } from './parts/judge.js'
import { isPart, readLine, type Caps, type Part, type StepAnswer } from './port/wire.js'
import { runScenario, type Outcome } from './reference.js'
import { partOfName, startsOf, type Scenario } from './scenario.js'

/** Goes up whenever a case is added. Published cases never change. */
export const VECTORS_VERSION = 2

/** Characters that say what a file looks like. */
const HEAD = 512

/** The cases of a file. @throws FileError that names the file, the case, and what is wrong with it */
export const readVectors = (path: string): readonly Case[] => {
  const source = readText(path)
  return namingFile(path, Buffer.from(source.slice(0, HEAD)), () => parseVectors(source))
}

/** Where the package keeps its vectors; the same from src and from dist. */
const folder = (): string => join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'test', 'vectors')

interface NamedText {
  readonly name: string
  readonly text: string
}

/** All files of the folder: the vectors, their schema, and the notice. */
export const publishedFolder = (): readonly NamedText[] =>
  readdirSync(folder())
    .sort()
    .map((name) => ({ name, text: readText(join(folder(), name)) }))

/** The published vector files, by name. */
export const publishedFiles = (): readonly NamedText[] =>
  publishedFolder().filter(({ name }) => name.endsWith('.json') && name !== 'schema.json')

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export const publishedHashes = (): Readonly<Record<string, string>> =>
  Object.fromEntries(publishedFiles().map(({ name, text: source }) => [name, sha256(source)]))

export const publishedCases = (): readonly Case[] => publishedFiles().flatMap(({ text: source }) => parseVectors(source))

/** What a case needs that a port cannot do. */
export const lacking = ({ request, scenario, spec }: Case, caps: Caps): string | undefined => {
  if (!caps.specs.includes(spec)) return `specification ${spec}`
  if (isPart(request['op']) && !caps.ops.includes(request['op'])) return `operation ${request['op']}`
  if (!scenario) return undefined
  const { units, activation, output, optimizer } = scenario.config
  if (units.length - 1 > caps.layers) return `${units.length - 1} layers`
  if (Math.max(...units) > caps.maxDims) return `${Math.max(...units)} units`
  if (!caps.activations.includes(activation as string)) return `activation ${String(activation)}`
  if (!caps.outputs.includes(output)) return `output ${output}`
  return caps.optimizers.includes(optimizer) ? undefined : `optimizer ${optimizer}`
}

/** A complaint for each case whose expected values are not the reference's. */
export const checkPublished = (cases: readonly Case[], level: Level): readonly string[] =>
  cases.flatMap(({ id, request, scenario, expect }) => {
    if ('answer' in expect) {
      const made = readLine(JSON.stringify(answerPart(request['op'] as Part, request)))!
      const found = judgePart(request, made, expect.answer, level)
      return found ? [`${id}: ${found.name} is wrong`] : []
    }
    if (!scenario) return []
    const { steps, culprit } = runScenario(scenario)
    if ('refusal' in expect) {
      const same = culprit?.equation === expect.refusal.equation && culprit?.layer === expect.refusal.layer
      return culprit && same ? [] : [`${id}: the reference does not stop there`]
    }
    if (culprit) return [`${id}: the reference stops at ${culprit.equation}`]
    if (expect.steps.length !== steps.length) return [`${id}: ${expect.steps.length} steps expected, ${steps.length} asked for`]
    const complaints = level === 'bit' ? checkBits(expect.steps, steps) : checkBounds(expect.steps, scenario)
    return complaints.flatMap((complaint, step) => (complaint === undefined ? [] : [`${id}, step ${step}: ${complaint}`]))
  })

type Tensors = ReadonlyMap<string, Matrix>

/** The first name whose bits differ, of those that the file has. */
const firstOther = (wanted: Tensors, got: Tensors): string | undefined =>
  [...got].find(([name, value]) => !wanted.has(name) || !sameBits(wanted.get(name)!, value))?.[0] ??
  [...wanted.keys()].find((name) => !got.has(name))

const checkBits = (expected: readonly StepAnswer[], steps: readonly Outcome[]): readonly (string | undefined)[] =>
  steps.map(({ out, situation, trace }, i) => {
    const parts = [...situation.tensors].map(([name, value]) => [partOfName(name), value] as const)
    const { parts: wanted, trace: traced } = expected[i]!
    const other = firstOther(new Map([['out', out], ...parts, ...trace]), new Map([...wanted, ...traced]))
    return other && `${other} has other bits`
  })

/** Another's expected values, judged as a port's answer would be. */
const checkBounds = (expected: readonly StepAnswer[], scenario: Scenario): readonly (string | undefined)[] =>
  startsOf(scenario, expected).map((start, i) => {
    const [found] = judge(start, expected[i]!, { full: true, level: 'tol', strict: true }).findings
    return found && `${found.name} is wrong`
  })

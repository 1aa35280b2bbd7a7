/**
 * A whole sequence as one ONNX model: Scan does the step of `step.ts` once for each input, and carries what a step hands
 * to the next. [sq-start]
 */

import { mismatch } from '../../errors.js'
import type { Graph, Model, Port } from '../../io/onnx/model.js'
import type { Config } from '../../ptncn/config.js'
import { stepModel, type GraphOptions } from './step.js'

/** The inputs of a sequence are free in number. */
const STEPS = 'T'

/** One for each step of the sequence; all else goes in once. */
const FED: readonly string[] = ['x', 'm']
const NEXT = 'next.'

const inTime = ({ name, type, shape }: Port): Port => ({ name, type, shape: [STEPS, ...shape] })
const named = (ports: readonly Port[]): readonly string[] => ports.map(({ name }) => name)

/**
 * The model of a sequence. What the step carries goes in by its name and comes out with `next.` before it, as of the step;
 * x and the mask, and all other results, have a dimension more in front: the steps.
 * @throws ConfigError for what a graph cannot say, and for the end of a sequence, which is no step
 */
export const loopModel = (config: Config, options: GraphOptions): Model => {
  if (options.part === 'end') throw mismatch('ConfigError', 'part', 'a step to repeat', options.part)
  const step = stepModel(config, options)
  const isNext = ({ name }: Port): boolean => name.startsWith(NEXT)
  const [next, results] = [step.outputs.filter(isNext), step.outputs.filter((port) => !isNext(port))]
  const carried = next.map(({ name }) => step.inputs.find((port) => port.name === name.slice(NEXT.length))!)
  const fed = step.inputs.filter(({ name }) => FED.includes(name))
  const fixed = step.inputs.filter((port) => !carried.includes(port) && !fed.includes(port))
  const body = within({ ...step, inputs: [...carried, ...fed], outputs: [...next, ...results] }, named(fixed))
  const scan = {
    name: 'sq-start.steps/Scan',
    type: 'Scan',
    inputs: named([...carried, ...fed]),
    outputs: named([...next, ...results]),
    attributes: { body, num_scan_inputs: fed.length },
  }
  return {
    ...step,
    about: `A sequence: ${step.about}`,
    metadata: { ...step.metadata, loop: 'true' },
    inputs: [...fed.map(inTime), ...carried, ...fixed],
    outputs: [...results.map(inTime), ...next],
    constants: [],
    nodes: [scan],
  }
}

/** A graph within another one must not have its names, but for those that it takes from it. */
const within = ({ inputs, outputs, constants, nodes }: Graph, taken: readonly string[]): Graph => {
  const own = (name: string): string => (taken.includes(name) ? name : `step/${name}`)
  const renamed = <Named extends { readonly name: string }>(one: Named): Named => ({ ...one, name: own(one.name) })
  return {
    name: 'step',
    inputs: inputs.map(renamed),
    outputs: outputs.map(renamed),
    constants: constants.map(renamed),
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(own), outputs: node.outputs.map(own) })),
  }
}

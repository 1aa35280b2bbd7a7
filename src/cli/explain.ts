/** `ptncn explain`: one step told clause by clause, with operands and bits, or the sum that made one number. */

import { EXIT, print } from './process.js'
import { parseArguments, required, wholeNumber, type Given } from './arguments.js'
import { openSource, specText } from './explain-source.js'
import { placeOf } from '../explain/places.js'
import { clausesOf } from '../explain/clauses.js'
import { elementJson, elementText, stepJson, stepText } from '../explain/texts.js'
import { tell, tellElement, type Told } from '../explain/telling.js'
import type { Scenario } from '../conform/scenario.js'

const HELP = `ptncn explain WHAT [options]: one step of the network told clause by clause, each result with what it read, its bits and
decimals. WHAT is one of these:

  example          the first worked example of SPEC.md
  FILE.json        a request of the protocol ("step" or "run"), or a worked example; - reads the standard input
  ID               the id of a published test vector
  RUN              the folder of a run, or a checkpoint (.safetensors), with --input

  --step N         the step of a run or an example, from 0; default the last
  --element PLACE  the terms of one sum, in the order in which they are added: "C2.h_1[0,3]" is row 0, column 3
  --input FILE     what a network is to see: {"x": [[0, 1, 0]], "mask": [1]}, lists of numbers or tensors of the protocol
  --all            every number; without it, eight rows and eight columns of a tensor
  --json           one JSON object, for machines
  --help

Examples
  ptncn explain example --step 1
  ptncn explain example --step 1 --element "C2.h_1[0,1]"
  ptncn explain clip-clip-mean-all --element "O1.dW_1[0,0]" --json
  ptncn explain runs/bouncing-mnist-seed-1 --input frame.json --element "P1.p_0[0,100]"
`

const OPTIONS = { step: 'value', element: 'value', input: 'value', all: 'flag', json: 'flag' } as const

/** The step of a scenario, done after those before it. */
const toldStep = (scenario: Scenario, given: Given): { readonly told: Told; readonly step: number } => {
  const most = scenario.inputs.length - 1
  const step = wholeNumber('step', given['step'] ?? most, 0, most)
  let before = scenario.from
  for (const moment of scenario.inputs.slice(0, step)) before = tell(scenario, before, moment).outcome.situation
  return { told: tell(scenario, before, scenario.inputs[step]!), step }
}

export const runExplain = async (args: readonly string[]): Promise<number> => {
  const parsed = parseArguments('explain', args, OPTIONS, 1)
  const { given } = parsed
  if (given['help']) return print(HELP)
  const name = required(parsed, '"example", a file, the folder of a run, or the id of a published case', 'explain')
  const { scenario, title } = await openSource(name, given['input'] as string | undefined)
  const { told, step } = toldStep(scenario, given)
  const clauses = clausesOf(specText())
  if (given['element'] !== undefined) {
    const { rule, row, col } = placeOf(told, String(given['element']))
    const telling = tellElement(told, rule, row, col)
    print(given['json'] ? `${JSON.stringify(elementJson(telling))}\n` : elementText(telling, clauses))
    return EXIT.done
  }
  const text = given['json']
    ? `${JSON.stringify(stepJson(told, title, step))}\n`
    : stepText(told, clauses, { title, step, all: given['all'] === true })
  return print(text)
}

/** `ptncn export` and `ptncn import`, as a person or a script meets them. */

import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { main } from '../src/cli.js'
import { decodeCheckpoint } from '../src/io/checkpoint.js'
import { ptncn, runsFolder, SMALL } from './support/runs.js'
import { readModel } from './unit/export/read-onnx.js'

const { folder, file } = runsFolder()
const at = (name: string): string => join(folder, name)
writeFileSync(at('network.json'), '{"units":[3,8,8]}')
writeFileSync(at('stochastic.json'), '{"units":[3,8],"activation":"stochastic"}')
writeFileSync(at('run.json'), '{"task":"reber"}')
const trained = ptncn('train', ...SMALL, '--biases', '--out', at('run'))

const exported = (name: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = ptncn('export', 'onnx', ...args, '--out', at(name))
  assert.equal(status, 0, stderr)
  return { stdout, model: readModel(file(name)) }
}

test('a network becomes a graph, from its fields or from a run, whose size is told', () => {
  const { stdout, model } = exported('step.onnx', '--config', at('network.json'))
  assert.match(
    stdout,
    new RegExp(
      `step.onnx: ONNX, opset 17, ${model.nodes.length} operators, 30 inputs, 32 outputs, ${file('step.onnx').length} bytes\\n$`,
    ),
  )
  assert.deepEqual(
    model.inputs.slice(0, 3).map(({ name, shape }) => [name, shape]),
    [
      ['x', ['B', 3]],
      ['m', ['B', 1]],
      ['t', [1, 1]],
    ],
  )
  assert.equal(trained.status, 0, trained.stderr)
  const predict = exported('predict.onnx', at('run'), '--infer', '--loop').model
  assert.deepEqual(
    predict.nodes.map(({ type }) => type),
    ['Scan'],
  )
  assert.ok(!predict.inputs.some(({ name }) => name === 'W_1'))
  const told = JSON.parse(exported('start.onnx', at('run'), '--start', '--json').stdout)
  assert.deepEqual([told.part, told.bytes], ['start', file('start.onnx').length])
})

test('--start gives the weights of its seed, or those of a run', () => {
  const held = (name: string, ...args: readonly string[]) => {
    const found = exported(name, ...args, '--start').model.constants.find((one) => one.name === 'held.V_1')!
    return Array.from(found.data)
  }
  const [one, again, two] = [['1'], ['1'], ['2']].map(([seed]) =>
    held(`seed-${seed}.onnx`, '--config', at('network.json'), '--seed', seed!),
  )
  assert.deepEqual(one, again)
  assert.notDeepEqual(one, two)
  const { snapshot } = decodeCheckpoint(file('run', 'checkpoint.safetensors'))
  assert.deepEqual(held('run.onnx', at('run')), Array.from(snapshot.weights[0]!.V.data))
})

test('weights alone go out for PyTorch and come back to the bit, with the configuration', () => {
  const out = ptncn('export', 'safetensors', at('run'), '--out', at('weights.safetensors'))
  assert.match(out.stdout, /weights.safetensors: safetensors, the weights of 64-6-5, \d+ bytes\n$/)
  const back = ptncn('import', at('weights.safetensors'), '--out', at('back.safetensors'))
  assert.equal(back.status, 0, back.stderr)
  const [before, after] = [file('run', 'checkpoint.safetensors'), file('back.safetensors')].map(decodeCheckpoint)
  assert.deepEqual(after!.config, before!.config)
  assert.deepEqual(after!.snapshot.weights, before!.snapshot.weights)
  assert.match(ptncn('info', at('back.safetensors')).stdout, /64/)
  const twice = ptncn('export', 'safetensors', at('back.safetensors'), '--out', at('twice.safetensors'))
  assert.equal(twice.status, 0, twice.stderr)
  assert.ok(file('twice.safetensors').equals(file('weights.safetensors')))
})

const MISUSE: readonly (readonly [args: readonly string[], line: RegExp])[] = [
  [['export'], /"format" expected one of onnx, safetensors, got/],
  [['export', 'pickle', at('run'), '--out', at('no')], /"format" expected one of onnx, safetensors, got "pickle"/],
  [['export', 'onnx', '--out', at('no')], /"network" expected a RUN or --config FILE, got "?neither/],
  [
    ['export', 'onnx', at('run'), '--config', at('network.json'), '--out', at('no')],
    /expected a RUN or --config FILE, got "?both/,
  ],
  [['export', 'onnx', at('run')], /"--out" expected the name of a file, got/],
  [['export', 'onnx', at('away'), '--out', at('no')], /away/],
  [
    ['export', 'onnx', '--config', at('stochastic.json'), '--out', at('no')],
    /"activation" expected for ONNX one of .*, got "stochastic"; its random/,
  ],
  [['export', 'onnx', '--config', at('run.json'), '--out', at('no')], /expected fields of a network alone, got/],
  [['export', 'onnx', '--config', at('network.json'), '--profile', 'best', '--out', at('no')], /"--profile" expected/],
  [['export', 'onnx', '--config', at('network.json'), '--end', '--out', at('no')], /"update" expected sequence/],
  [
    ['export', 'onnx', '--config', at('network.json'), '--end', '--loop', '--out', at('no')],
    /"--loop" expected no --end beside it/,
  ],
  [
    ['export', 'onnx', '--config', at('network.json'), '--infer', '--start', '--out', at('no')],
    /"--infer" expected no --start beside it/,
  ],
  [
    ['export', 'onnx', '--config', at('network.json'), '--seed', '3', '--out', at('no')],
    /"--seed" expected with --start and --config alone/,
  ],
  [['export', 'onnx', '--config', at('network.json'), '--out', at('nowhere/no')], /cannot write|nowhere/],
  [['export', 'safetensors', at('run'), '--loop', '--out', at('no')], /"--loop" expected none of it with safetensors/],
  [['export', 'safetensors', '--out', at('no')], /"network" expected a RUN, got/],
  [['import', '--out', at('no')], /expected a file of weights, got none/],
  [['import', at('network.json'), '--out', at('no')], /network.json": "header length" expected at most/],
  [['import', at('run/checkpoint.safetensors'), '--out', at('no')], /"layers.0.W.weight" expected among the tensors, got none/],
  [
    ['import', at('weights.safetensors'), '--config', at('network.json'), '--out', at('no')],
    /"layers.0.W.weight.shape" expected 3 x 8/,
  ],
  [['import', at('weights.safetensors'), '--profile', 'paper', '--out', at('no')], /"--profile" expected --config beside it/],
]

test('misuse gets one line and leaves no file', async (context) => {
  // in this process, as there are many
  const write = context.mock.method(process.stderr, 'write', () => true)
  for (const [args, line] of MISUSE) {
    write.mock.resetCalls()
    const status = await main(args)
    const told = write.mock.calls.map(({ arguments: [text] }) => String(text)).join('')
    assert.equal(status, 2, args.join(' '))
    assert.match(told, line)
    assert.match(told, /^ptncn: [^\n]*\n$/)
    assert.ok(!existsSync(at('no')))
  }
})

test('both commands say what they do, with examples', () => {
  for (const command of ['export', 'import']) assert.match(ptncn(command, '--help').stdout, /\nExamples\n {2}ptncn /)
})

/** The exported graphs, run by onnxruntime, judged as a port by all cases; where Python has onnx, onnxruntime and NumPy. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { publishedCases } from '../../src/conform/vectors.js'
import { pythonWith, skipWithout } from '../support/python.js'
import { command, root } from '../support/runs.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-onnx-'))
after(() => rmSync(folder, { recursive: true }))

const MODULES = ['numpy', 'onnxruntime']
const python = pythonWith(...MODULES)
const FUZZED = 200

test(
  '[pr-verdict] the exported graphs conform within the bounds wherever a graph can say what is asked',
  { skip: skipWithout(python, ...MODULES) },
  () => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        ...[...command, 'conform', '--level', 'tol', '--fuzz', `${FUZZED}`],
        ...['--counterexample', join(folder, 'counterexample.json')],
        ...['--', python!, join(root, 'test/ports/onnx/port.py')],
      ],
      { cwd: root, encoding: 'utf8' },
    )
    assert.equal(status, 0, stdout)
    const cases = publishedCases().length + FUZZED
    const { passed, skipped } = /(?<passed>\d+) passed, 0 failed, (?<skipped>\d+) skipped, 0 not run/.exec(stdout)!.groups!
    assert.equal(Number(passed) + Number(skipped), cases)
    assert.ok(Number(passed) > 0.8 * cases, stdout)
    assert.match(stdout, /left out: the port has no activation stochastic(?:; the port has no operation \w+)+\n/)
  },
)

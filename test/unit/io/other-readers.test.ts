/** The safetensors package of Python reads what we write, where it is installed. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { config, initialOptimizer, initialWeights, keyOf } from '../../../src/index.js'
import { encodeCheckpoint } from '../../../src/io/checkpoint.js'

const absent = spawnSync('python3', ['-c', 'import safetensors.numpy']).status !== 0
const skip = absent && 'python3 with the packages safetensors and numpy is not installed'

const READ = `
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], framework="numpy") as file:
    names = sorted(file.keys())
    tensors = {name: [list(file.get_tensor(name).shape), file.get_tensor(name).flatten().view("uint32").tolist()] for name in names}
    print(json.dumps({"metadata": file.metadata(), "tensors": tensors}))
`

test('[ck-format] the safetensors reader of Python finds the metadata and every tensor, bit for bit', { skip }, () => {
  const settings = config({ units: [3, 5, 2], optimizer: 'adam', biases: true })
  const snapshot = { weights: initialWeights(settings, keyOf(3)), optimizer: initialOptimizer(settings) }
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-reader-'))
  try {
    const path = join(folder, 'checkpoint.safetensors')
    writeFileSync(path, encodeCheckpoint({ config: settings, snapshot, run: { seed: 3 } }))
    const { stdout, stderr } = spawnSync('python3', ['-c', READ, path], { encoding: 'utf8' })
    assert.equal(stderr, '')
    const { metadata, tensors } = JSON.parse(stdout) as {
      metadata: Record<string, string>
      tensors: Record<string, [number[], number[]]>
    }
    assert.equal(metadata['run'], '{"seed":3}')
    const { rows, cols, data } = snapshot.weights[1]!.E!
    const bits = [...new Uint32Array(Float32Array.from({ length: rows * cols }, (_, i) => data[i]!).buffer)]
    assert.deepEqual(tensors['weights.E_2'], [[rows, cols], bits])
    assert.ok('optimizer.second.c_0' in tensors)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

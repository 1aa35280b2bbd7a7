/** A run that is killed, in training and in writing, again and again, is neither damaged nor lost. */

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { keyOf, uniform } from '../src/numeric/random.js'
import { lastTrained } from '../src/experiment/run/folder.js'
import { SEED } from './support/property.js'
import { command, ptncn, root, runsFolder, SMALL } from './support/runs.js'

const KILLS = 50
/** The command starts in some tenths of a second; after that a checkpoint is written after every batch. */
const [EARLIEST, LATEST] = [300, 2500]
const ARGUMENTS = [...SMALL.slice(0, -1), '60000', '--units', '64,64', '--workers', '1', '--json']

const { folder, file } = runsFolder()

const killedAfter = (args: readonly string[], milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [...command, 'train', ...args, '--save', '0'], { cwd: root, stdio: 'ignore' })
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds)
    child.once('exit', () => (clearTimeout(timer), resolve()))
  })

test(`${KILLS} kills at random moments: every folder goes on, and ends at the bits of a run that nobody killed`, async () => {
  assert.equal(ptncn('train', ...ARGUMENTS, '--out', join(folder, 'whole')).status, 0)
  const part = join(folder, 'part')
  let [progress, before] = [0, 0]
  for (let kill = 0; kill < KILLS; kill++) {
    const begun = existsSync(part)
    await killedAfter(
      begun ? ['--resume', part] : [...ARGUMENTS, '--out', part],
      EARLIEST + (LATEST - EARLIEST) * uniform(keyOf(SEED & 0x7fffffff), kill),
    )
    if (!existsSync(join(part, 'config.json'))) continue
    const batches = (await lastTrained(part))?.standing?.batches ?? 0
    assert.ok(batches >= before, `kill ${kill}: ${batches} batches after ${before}`)
    if (batches > before) progress++
    before = batches
  }
  assert.equal(ptncn('train', '--resume', part).status, 0)
  console.log(`${KILLS} kills, ${progress} of them after new checkpoints, ${before} batches before the last run`)
  assert.ok(progress > KILLS / 4)
  for (const name of ['checkpoint.safetensors', 'curve.svg', 'config.json'])
    assert.ok(file('part', name).equals(file('whole', name)), name)
})

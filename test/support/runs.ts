/** The command in a process of its own, and small runs of it in a temporary folder. */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))
/** As built, where `npm test` has just done so; else the sources, which start more slowly. */
export const command =
  process.env.PTNCN_BUILT === '1'
    ? [join(root, 'dist/cli.js')]
    : ['--import', import.meta.resolve('tsx'), join(root, 'src/cli.ts')]

/** Arguments of a run of a second. */
export const SMALL = ['--side', '8', '--units', '6,5', '--frames', '4', '--batch', '4', '--sequences', '40']

/** What has not ended then never does. */
const PATIENCE_MS = 120_000

export const ptncn = (...args: readonly string[]) =>
  spawnSync(process.execPath, [...command, ...args], { cwd: root, encoding: 'utf8', timeout: PATIENCE_MS })

/** A folder for runs, which goes with the process; and the files of a run in it. */
export const runsFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-runs-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return { folder, file: (...path: readonly string[]): Buffer => readFileSync(join(folder, ...path)) }
}

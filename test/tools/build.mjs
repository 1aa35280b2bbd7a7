/** Builds dist/: JavaScript and declarations of src/, what else src/ holds, the page of `ptncn explore`, and the command. */

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const [src, dist, tsc] = ['src', 'dist', 'node_modules/typescript/bin/tsc'].map((path) => join(root, path))

rmSync(dist, { recursive: true, force: true })

const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], { cwd: root, stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)

// data that the compiler does not know; notes about it, and what only the sources need, stay with the sources
cpSync(src, dist, { recursive: true, filter: (path) => !/(\.(ts|md)|worker-source\.mjs|assembly|src[\\/]explore)$/.test(path) })

// the page of `ptncn explore`, whose sources are for a browser
const page = spawnSync(process.execPath, ['--import', 'tsx', 'test/tools/explore/build.ts', join(dist, 'explore.html')], {
  cwd: root,
  stdio: 'inherit',
})
if (page.status !== 0) process.exit(page.status ?? 1)

const command = join(dist, 'cli.js')
if (!existsSync(command)) {
  process.stderr.write('"dist/cli.js" expected the compiled src/cli.ts, got nothing\n')
  process.exit(1)
}
chmodSync(command, 0o755)

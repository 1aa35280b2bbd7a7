/**
 * The test command.
 *
 *     tsx test/tools/run.ts fast    test/**\/*.test.ts
 *     tsx test/tools/run.ts slow    test/**\/*.slow.ts, then the fast tests again under the newest Node
 *
 * Every file runs under Node's own test runner, with the seed of the properties in SEED. The commands that tests start
 * are built first, and small files share a process: starting TypeScript takes longer than most of them.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** As in test/support/property.ts. */
const DEFAULT_SEED = '20200'
const CONCURRENCY = 2
const USAGE = 2

const say = (line: string): void => void process.stdout.write(`${line}\n`)
const complain = (line: string): void => void process.stderr.write(`${line}\n`)

const seed = process.env.SEED || DEFAULT_SEED

/** Files below test/ whose names end so; not those of installed packages. */
const filesEndingIn = (ending: string): string[] =>
  readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending) && !file.split(/[\\/]/).includes('node_modules'))
    .map((file) => join('test', file))
    .sort()

/** Properties make much that is soon forgotten: more room for it, less collecting of garbage. */
const YOUNG = '--max-semi-space-size=64'

/** The exit status of `node --import tsx ...`, which prints for itself. */
const runNode = (node: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): number => {
  const { status, signal, error } = spawnSync(node, ['--import', 'tsx', YOUNG, ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    env: { ...process.env, ...environment, SEED: seed },
  })
  if (error) complain(`"${node}" did not start: ${error.message}`)
  if (signal) complain(`the tests ended with ${signal}`)
  return status ?? 1
}

const nothingFound = (ending: string): number => {
  complain(`no file test/**/*${ending} was found`)
  return 1
}

/** Files that take long, or look at the memory and threads of their process, have one of their own. */
const ALONE = /^(?:unit\/engine\/|law\/|cli|conform\/(?:command|judge|ports)|package|bundle|main)/

/** The process that a file shares with others of its folder. */
const sharedBy = (file: string): string | undefined => {
  const path = file.replaceAll('\\', '/').slice('test/'.length)
  return ALONE.test(path) ? undefined : path.split('/').slice(0, -1).join('-') || 'top'
}

/** The files as they are, or for those that share a process one in `folder` that imports them. */
const suitesOf = (files: readonly string[], folder: string): readonly string[] => {
  const shared = [...new Set(files.map(sharedBy))].filter((name) => name !== undefined)
  const made = shared.map((name) => {
    const suite = join(folder, `${name}.test.mts`)
    const imported = files.filter((file) => sharedBy(file) === name)
    writeFileSync(suite, imported.map((file) => `import ${JSON.stringify(pathToFileURL(join(ROOT, file)).href)}\n`).join(''))
    return suite
  })
  return [...made, ...files.filter((file) => sharedBy(file) === undefined)]
}

const runFast = (node = process.execPath): number => {
  const files = filesEndingIn('.test.ts')
  if (files.length === 0) return nothingFound('.test.ts')
  const built = spawnSync(process.execPath, [join(ROOT, 'test/tools/build.mjs')], { cwd: ROOT, stdio: 'inherit' })
  if (built.status !== 0) return 1
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-suites-'))
  try {
    const suites = suitesOf(files, folder)
    return runNode(
      node,
      ['--test', `--test-concurrency=${CONCURRENCY}`, `--test-reporter=${process.env.REP ?? 'spec'}`, ...suites],
      { PTNCN_BUILT: '1' },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Each file by itself and not through `--test`, so that it sees the terminal and may show how far it is. */
const runSlowFiles = (): number => {
  const files = filesEndingIn('.slow.ts')
  if (files.length === 0) return nothingFound('.slow.ts')
  return firstFailure(files.map((file) => runNode(process.execPath, ['--test-reporter=spec', file])))
}

const firstFailure = (statuses: readonly number[]): number => statuses.find((status) => status !== 0) ?? 0

/** The fast tests under the newest Node, from the npm package `node`; where it cannot be had, that is no failure. */
const runUnderNewest = (): number => {
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-node-'))
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    spawnSync(npm, ['install', '--prefix', folder, '--no-audit', '--no-fund', 'node@latest'], {
      cwd: folder,
      stdio: 'ignore',
      shell: process.platform === 'win32',
    })
    const node = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim()
    if (!version) {
      say('the newest Node could not be installed: the fast tests were not repeated under it')
      return 0
    }
    say(`the fast tests under Node ${version}`)
    return runFast(node)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const MODES: Readonly<Record<string, () => number>> = {
  fast: () => runFast(),
  slow: () => firstFailure([runSlowFiles(), runUnderNewest()]),
}

const main = (args: readonly string[]): number => {
  const run = args.length === 1 && Object.hasOwn(MODES, args[0]!) ? MODES[args[0]!] : undefined
  if (!run) {
    complain(`expected ${Object.keys(MODES).join(' or ')}, got ${JSON.stringify(args.join(' '))}`)
    return USAGE
  }
  if (!/^-?\d+$/.test(seed) || Number(seed) !== (Number(seed) | 0)) {
    complain(`"SEED" expected a whole number of 32 bits, got ${JSON.stringify(seed)}`)
    return USAGE
  }
  say(`seed ${seed}, Node ${process.version} (SEED=${seed} repeats these runs)`)
  return run()
}

process.exitCode = main(process.argv.slice(2))

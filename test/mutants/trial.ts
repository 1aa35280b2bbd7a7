/** One mutant at a time in a copy of the repository: is there a test that fails? */

import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'

import type { Mutant } from './mutants.js'

const COPIED = ['src', 'test', 'package.json', 'tsconfig.json', 'SPEC.md']
/** A mutant that makes a test run on for ever is noticed as well. */
const PATIENCE_MS = 120_000

/** The tests that have to notice, below test: laws first, as they name what is broken. */
const FOLDERS = ['law', 'golden', 'unit/numeric', 'unit/ptncn', 'unit/optim', 'unit/engine']
const ALSO = ['spec.test.ts']
const SUITE = join('test', 'mutants', 'suite.ts')

/** One module that imports all of them: so they run in one process, and none before all are loaded. */
const writeSuite = async (copy: string): Promise<void> => {
  const files = await Promise.all(FOLDERS.map(async (folder) => {
    const found = await readdir(join(copy, 'test', folder), { recursive: true })
    return found.filter((file) => file.endsWith('.test.ts')).sort().map((file) => `${folder}/${file.replaceAll('\\', '/')}`)
  }))
  const lines = [...files.flat(), ...ALSO].map((file) => `import '../${file.replace(/\.ts$/, '.js')}'`)
  await writeFile(join(copy, SUITE), `${lines.join('\n')}\n`)
}

/** A copy of the repository with the installed packages linked, for one mutant after another. */
export const makeCopy = async (root: string): Promise<string> => {
  const copy = await mkdtemp(join(tmpdir(), 'ptncn-mutants-'))
  const filter = (path: string): boolean => basename(path) !== 'node_modules'
  await Promise.all(COPIED.map((name) => cp(join(root, name), join(copy, name), { recursive: true, filter })))
  await writeSuite(copy)
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  return copy
}

export const removeCopy = (copy: string): Promise<void> => rm(copy, { recursive: true, force: true })

/** Why a mutant does not fit its file, or undefined. */
export const misfit = async (root: string, { id, file, from }: Mutant): Promise<string | undefined> => {
  const source = await readFile(join(root, 'src', file), 'utf8').catch(() => undefined)
  if (source === undefined) return `${id}: src/${file} cannot be read`
  const times = source.split(from).length - 1
  return times === 1 ? undefined : `${id}: src/${file} has its text ${times} times, expected once: ${JSON.stringify(from)}`
}

/** What noticed a mutant: the title of a test, or how the process ended; undefined where nothing did. */
export type Catch = string | undefined

/** Puts the mutant in, runs the tests up to the first failure, and takes it out. Without a mutant all has to pass. */
export const tryMutant = async (copy: string, mutant: Mutant | undefined, stop: AbortSignal): Promise<Catch> => {
  if (!mutant) return runTests(copy, stop)
  const path = join(copy, 'src', mutant.file)
  const source = await readFile(path, 'utf8')
  await writeFile(path, source.replace(mutant.from, () => mutant.to))
  try {
    return await runTests(copy, stop)
  } finally {
    await writeFile(path, source)
  }
}

const FAILED = /^(\s*)not ok \d+ - (.*)$/

const runTests = (copy: string, stop: AbortSignal): Promise<Catch> =>
  new Promise((resolve, reject) => {
    const args = ['--import', 'tsx', '--test-reporter=tap', SUITE]
    const child = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'ignore'] })
    let caught: Catch
    let passed = 0
    const end = (why: Catch): void => {
      caught ??= why
      child.kill('SIGKILL')
    }
    const clock = setTimeout(() => end(`no end after ${PATIENCE_MS / 1000} s`), PATIENCE_MS)
    const abandon = (): void => end('interrupted')
    stop.addEventListener('abort', abandon)
    createInterface(child.stdout).on('line', (line) => {
      const failed = FAILED.exec(line)
      if (failed) end(failed[2]!.replaceAll('\\#', '#'))
      else if (/^ok /.test(line)) passed++
    })
    child.on('error', reject)
    child.on('close', (status) => {
      clearTimeout(clock)
      stop.removeEventListener('abort', abandon)
      if (caught === undefined && status !== 0) caught = `a crash with exit status ${status}, after ${passed} tests`
      resolve(caught ?? (passed === 0 ? 'no test: nothing ran' : undefined))
    })
  })

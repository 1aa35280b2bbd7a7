/** One mutant at a time in a copy of the repository: is there a test that fails? */

import { spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'

import type { Mutant } from './mutants.js'

const COPIED = ['src', 'test', 'package.json', 'tsconfig.json', 'SPEC.md', 'README.md']
/** A mutant that makes a test run on for ever is noticed as well. */
const PATIENCE_MS = 120_000

/**
 * The tests that have to notice, below test, one process after another: first the law that says bit for bit
 * what each equation is, which notices most, then what is quick, then the other laws. Not the tests that compare
 * another engine with the reference: that one of two has changed says nothing about which is right.
 */
const STAGES: readonly (readonly string[])[] = [
  ['law/derivative-free.test.ts'],
  [
    'golden',
    'unit/numeric',
    'unit/ptncn',
    ...['check', 'divergence', 'reference'].map((name) => `unit/engine/${name}.test.ts`),
    'spec.test.ts',
  ],
  ['accuracy', 'locality', 'no-unrolling', 'sanity'].map((name) => `law/${name}.test.ts`),
]
const suiteOf = (stage: number): string => join('test', 'mutants', `stage-${stage}.ts`)

/** One module for each stage that imports its tests: so none runs before all are loaded. */
const writeSuites = async (copy: string): Promise<void> => {
  const test = join(copy, 'test')
  const filesOf = async (name: string): Promise<readonly string[]> => {
    if (name.endsWith('.ts')) return [name]
    const found = await readdir(join(test, name), { recursive: true })
    return found
      .filter((file) => file.endsWith('.test.ts'))
      .sort()
      .map((file) => `${name}/${file.replaceAll('\\', '/')}`)
  }
  for (const [stage, names] of STAGES.entries()) {
    const files = (await Promise.all(names.map(filesOf))).flat()
    const lines = files.map((file) => `import '../${file.replace(/\.ts$/, '.js')}'\n`)
    await writeFile(join(copy, suiteOf(stage)), lines.join(''))
  }
}

/** A copy of the repository with the installed packages linked, for one mutant after another. */
export const makeCopy = async (root: string): Promise<string> => {
  const copy = await mkdtemp(join(tmpdir(), 'ptncn-mutants-'))
  const filter = (path: string): boolean => basename(path) !== 'node_modules'
  await Promise.all(COPIED.map((name) => cp(join(root, name), join(copy, name), { recursive: true, filter })))
  await writeSuites(copy)
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

/**
 * Puts the mutant in, runs the tests up to the first failure, and takes it out. Without a mutant all has to
 * pass.
 */
export const tryMutant = async (copy: string, mutant: Mutant | undefined, stop: AbortSignal): Promise<Catch> => {
  if (!mutant) return runTests(copy, stop)
  const path = join(copy, 'src', mutant.file)
  const source = await readFile(path, 'utf8')
  await writeFile(
    path,
    source.replace(mutant.from, () => mutant.to),
  )
  try {
    return await runTests(copy, stop)
  } finally {
    await writeFile(path, source)
  }
}

const FAILED = /^(\s*)not ok \d+ - (.*)$/

const runTests = async (copy: string, stop: AbortSignal): Promise<Catch> => {
  for (const stage of STAGES.keys()) {
    const caught = await runStage(copy, stage, stop)
    if (caught !== undefined) return caught
  }
  return undefined
}

const runStage = (copy: string, stage: number, stop: AbortSignal): Promise<Catch> =>
  new Promise((resolve, reject) => {
    const args = ['--import', 'tsx', '--test-reporter=tap', suiteOf(stage)]
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

/** `ptncn explore`: the specification as a page that computes, written to a file or opened. */

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PtncnError } from '../errors.js'
import { oneLine, writeFileSafely } from '../io/files.js'
import { parseArguments } from './arguments.js'
import { print } from './process.js'

const HELP = `ptncn explore [--out FILE]: the specification as a page that computes. One HTML file, that works from the disk and offline,
in any browser of these days: SPEC.md as its text, with a network beside it that stands in the middle of a step. Go through it
equation by equation, forward and back; point at a number and see the sum that made it; let it learn digits, texts, waves.

  --out FILE       write the page there; without it, it is written to ptncn-explore.html in this folder
  --open           open it in the browser too
  --help

Examples
  ptncn explore
  ptncn explore --out site/index.html
  ptncn explore --open
`

const NAME = 'ptncn-explore.html'
const here = dirname(fileURLToPath(import.meta.url))

/** From a checkout the page is built when it is asked for, by what also builds the package. */
const builtNow = (): Uint8Array => {
  const root = join(here, '..', '..')
  const tool = join(root, 'test', 'tools', 'explore', 'build.ts')
  if (!existsSync(tool))
    throw new PtncnError('FileError', `"${NAME}" expected the built page in the package, got none; install it again`, tool)
  const folder = mkdtempSync(join(tmpdir(), 'ptncn-explore-'))
  try {
    const page = join(folder, NAME)
    const { status, stderr } = spawnSync(process.execPath, ['--import=tsx', tool, page], { cwd: root, encoding: 'utf8' })
    if (status === 0) return readFileSync(page)
    const why =
      stderr
        .trim()
        .split('\n')
        .find((line) => /Error/.test(line)) ?? `status ${status}`
    throw new PtncnError('FileError', `cannot build the page: ${oneLine(why)}; "npm ci" installs what it is built with`, status)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The page, built with the package, or now. */
const pageBytes = (): Uint8Array => {
  const built = join(here, '..', 'explore.html')
  return existsSync(built) ? readFileSync(built) : builtNow()
}

const OPENERS: Readonly<Record<string, readonly string[]>> = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }

/** Where no browser can be opened, the path is printed all the same. */
const openInBrowser = async (path: string): Promise<boolean> => {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open']
  return new Promise((done) => {
    const child = spawn(command!, [...args, path], { stdio: 'ignore', detached: true })
    child.once('error', () => done(false))
    child.once('spawn', () => {
      child.unref()
      done(true)
    })
  })
}

export const runExplore = async (args: readonly string[]): Promise<number> => {
  const { given } = parseArguments('explore', args, { out: 'value', open: 'flag' })
  if (given['help']) return print(HELP)
  const path = typeof given['out'] === 'string' ? given['out'] : NAME
  await writeFileSafely(path, pageBytes())
  const opened = given['open'] === true && (await openInBrowser(resolve(path)))
  if (given['open'] === true && !opened) return print(`${path}: written; no browser could be opened, open it by hand\n`)
  return print(`${path}: written${opened ? ', and opened' : '; open it in a browser'}\n`)
}

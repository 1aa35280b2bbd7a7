/**
 * Installs the peers' packages: `tsx test/bench/peers/setup.ts FOLDER`, or by the benchmark into a temporary folder.
 * A toolchain that is absent, or fails, costs its peer and one line.
 */

import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import type { PeerCommand } from '../peer.js'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const PROGRAMS = [
  'tfjs_peer.mjs',
  'numpy_peer.py',
  'numpy_plain.py',
  'jax_peer.py',
  'package.json',
  'package-lock.json',
  'requirements.txt',
  'requirements-jax.txt',
]
const WINDOWS = process.platform === 'win32'
/** NumPy's peers; BLAS gets as many */
const THREADS = 2

export interface Installed {
  readonly peers: readonly PeerCommand[]
  /** why a peer is absent */
  readonly absent: readonly string[]
}

const run = promisify(execFile)

const lastLine = (error: unknown): string => {
  const { stderr = '', message = '' } = error as { stderr?: string; message?: string }
  const lines = `${stderr}`
    .trim()
    .split('\n')
    .filter((line) => line.trim() !== '')
  return (lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? message).trim()
}

/** Done once for each content of `list`: what was installed is written down beside it. */
const once = async (folder: string, list: string, install: () => Promise<void>): Promise<void> => {
  const [wanted, mark] = [await readFile(join(folder, list), 'utf8'), join(folder, `.installed-${list}`)]
  if ((await readFile(mark, 'utf8').catch(() => '')) === wanted) return
  await install()
  await writeFile(mark, wanted)
}

const installTensorFlow = (folder: string): Promise<void> =>
  once(folder, 'package-lock.json', async () => {
    await run(WINDOWS ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, shell: WINDOWS })
  })

const pythonOf = (folder: string): string => join(folder, 'venv', ...(WINDOWS ? ['Scripts', 'python.exe'] : ['bin', 'python']))

/** What a list of Python packages names, in an environment of its own. */
const installPython = async (folder: string, list: string): Promise<void> =>
  once(folder, list, async () => {
    await run(WINDOWS ? 'python' : 'python3', ['-m', 'venv', join(folder, 'venv')])
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r']
    await run(pythonOf(folder), [...install, join(folder, list)])
  })

/** What of it can be had, and why not the rest. */
export const installPeers = async (folder: string): Promise<Installed> => {
  await mkdir(folder, { recursive: true })
  await Promise.all(PROGRAMS.map((name) => copyFile(join(HERE, name), join(folder, name))))
  const absent: string[] = []
  const attempt = async (name: string, install: Promise<void>, peers: readonly PeerCommand[]): Promise<readonly PeerCommand[]> =>
    install.then(
      () => peers,
      (error: unknown) => {
        absent.push(`${name} is not compared, as it could not be installed: ${lastLine(error)}`)
        return []
      },
    )
  const node = { command: process.execPath, args: [join(folder, 'tfjs_peer.mjs')], threads: 1 }
  const python = { command: pythonOf(folder), args: [join(folder, 'numpy_peer.py')], threads: THREADS }
  return {
    peers: [
      ...(await attempt('NumPy', installPython(folder, 'requirements.txt'), [
        { ...python, name: 'NumPy', layout: 'tuned' },
        { ...python, name: 'NumPy, plain', layout: 'plain', note: 'as the equations are written' },
      ])),
      ...(await attempt('JAX', installPython(folder, 'requirements-jax.txt'), [
        { ...python, args: [join(folder, 'jax_peer.py')], name: 'JAX', layout: 'jitted' },
      ])),
      ...(await attempt('TensorFlow.js', installTensorFlow(folder), [
        { ...node, name: 'TensorFlow.js', layout: 'columns' },
        { ...node, name: 'TensorFlow.js, plain', layout: 'flags', note: 'as the equations are written, with transposeA' },
      ])),
    ],
    absent,
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder] = process.argv.slice(2)
  if (!folder) {
    process.stderr.write('expected the folder to install into\n')
    process.exitCode = 2
  } else {
    const { peers, absent } = await installPeers(folder)
    process.stdout.write([...peers.map(({ name }) => `${name} is ready`), ...absent].map((line) => `${line}\n`).join(''))
  }
}

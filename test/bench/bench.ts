/** The command `npm run bench`. */

import { mkdtemp, rm } from 'node:fs/promises'
import { arch, cpus, platform, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { PtncnError } from '../../src/errors.js'
import { writeFileSafely } from '../../src/io/files.js'
import { progressOn } from '../../src/io/terminal.js'
import { widthFor } from '../../src/engine/fast/kernels/wide.js'
import { SPEC_VERSION } from '../../src/ptncn/config.js'
import { HELP, settingsFrom, type Section, type Settings } from './arguments.js'
import { OURS } from './engines.js'
import { kernelRounds, runKernels } from './kernels.js'
import { loadRounds, runLoad } from './load.js'
import { memoryRounds, runMemory } from './memory.js'
import { phaseRounds, runPhases } from './phases.js'
import { startPeer, type PeerCommand } from './peer.js'
import { installPeers } from './peers/setup.js'
import { probeMachine } from './probe.js'
import { report } from './report.js'
import type { Results } from './results.js'
import { runStream, streamRounds } from './stream.js'
import { caseRounds, runCases, runScaling, runWorkers, scalingRounds, workersRounds, type Run } from './sections.js'

const USAGE = 2
const complain = (line: string): void => void process.stderr.write(`${line}\n`)

const machine = (): Results['machine'] => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${arch()}`,
  node: process.version,
})

/** What a peer says of itself, in one line; or undefined and why it does not run. */
const introduce = async (command: PeerCommand): Promise<{ ok: boolean; line: string }> => {
  const peer = startPeer(command)
  try {
    const { library, backend, threads } = await peer.ask({ cmd: 'about' })
    return { ok: true, line: `${library} (${backend}), ${threads} thread${threads === 1 ? '' : 's'}` }
  } catch (error) {
    return { ok: false, line: `${command.name} is not compared: ${(error as Error).message}` }
  } finally {
    peer.close()
  }
}

/** Our own engine on another Node; its name is that of what it says. */
const otherNode = (command: string): PeerCommand => ({
  name: 'ptncn, other Node',
  command,
  args: ['--import', 'tsx', fileURLToPath(new URL('peers/ours_peer.ts', import.meta.url))],
  layout: 'ours',
  threads: cpus().length,
})

const findPeers = async (
  folder: string,
  node: string | undefined,
): Promise<{ peers: readonly PeerCommand[]; lines: readonly string[] }> => {
  const installed = await installPeers(folder)
  const peers = [...(node === undefined ? [] : [otherNode(node)]), ...installed.peers]
  const { absent } = installed
  const spoken = await Promise.all(peers.map(introduce))
  return { peers: peers.filter((_, i) => spoken[i]!.ok), lines: [...new Set([...spoken.map(({ line }) => line), ...absent])] }
}

/** f of a folder for the peers: the given one, or a temporary one that is removed. */
const inFolder = async <Result>(given: string | undefined, f: (folder: string) => Promise<Result>): Promise<Result> => {
  if (given !== undefined) return f(given)
  const folder = await mkdtemp(join(tmpdir(), 'ptncn-peers-'))
  try {
    return await f(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** In the order in which they run; the probe stands alone, as the shares of all others need it. */
const ROUNDS: Readonly<Record<Exclude<Section, 'probe'>, (run: Run) => number>> = {
  cases: caseRounds,
  phases: phaseRounds,
  kernels: kernelRounds,
  workers: workersRounds,
  scaling: scalingRounds,
  memory: memoryRounds,
  stream: streamRounds,
  load: loadRounds,
}

const measure = async (settings: Settings, found: Awaited<ReturnType<typeof findPeers>>): Promise<Results> => {
  const { quick, cases, sections } = settings
  const progress = progressOn(process.stderr, () => performance.now() / 1000)
  let done = 0
  const run: Run = { quick, cases, peers: found.peers, onRound: (text) => progress.show(++done, Math.max(done, total), text) }
  const chosen = (Object.keys(ROUNDS) as (keyof typeof ROUNDS)[]).filter((section) => sections.includes(section))
  const total = chosen.reduce((sum, section) => sum + ROUNDS[section](run), 0)
  const part = async <Result>(section: Section, f: (run: Run) => Promise<readonly Result[]>): Promise<readonly Result[]> =>
    sections.includes(section) ? f(run) : []
  try {
    return {
      spec: SPEC_VERSION,
      quick,
      machine: machine(),
      wide: (await widthFor()).why,
      peers: found.lines,
      ours: OURS.name,
      probe: await probeMachine(quick),
      cases: await part('cases', runCases),
      phases: await part('phases', runPhases),
      kernels: await part('kernels', runKernels),
      workers: await part('workers', runWorkers),
      scaling: await part('scaling', runScaling),
      memory: await part('memory', runMemory),
      stream: await part('stream', runStream),
      load: await part('load', runLoad),
    }
  } finally {
    progress.clear()
  }
}

const main = async (args: readonly string[]): Promise<void> => {
  const settings = settingsFrom(args)
  if (!settings) return void process.stdout.write(HELP)
  const needsPeers = settings.sections.includes('cases') && !settings.noPeers
  const results = await inFolder(settings.peers, async (folder) =>
    measure(settings, needsPeers ? await findPeers(folder, settings.node) : { peers: [], lines: [] }),
  )
  if (settings.json !== undefined) await writeFileSafely(settings.json, `${JSON.stringify(results, null, 1)}\n`)
  process.stdout.write(`${report(results)}\n`)
}

// as the command does
process.env['PTNCN_WIDE'] ??= '1'
try {
  await main(process.argv.slice(2))
} catch (error) {
  const usual = error instanceof PtncnError || (error as NodeJS.ErrnoException).code !== undefined
  complain(usual ? (error as Error).message : String((error as Error).stack))
  process.exitCode = USAGE
}

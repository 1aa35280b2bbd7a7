/** That a process works in a folder: a second one is told, and does not write over the files of the first. */

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { PtncnError, show } from '../../errors.js'
import { wholeFrom } from '../../fields.js'
import { fileError, oneLine } from '../../io/files.js'
import { asRecord, parseJson } from '../../io/json.js'

const LOCK = '.running.json'
const PID = wholeFrom(1)

/** `work`, while no other process works in the folder. @throws FileError where one does, and what `work` throws */
export const alone = async <Result>(folder: string, work: () => Promise<Result>): Promise<Result> => {
  // a folder that is not there is complained of by whoever reads it
  if (!existsSync(folder)) return work()
  const path = join(folder, LOCK)
  take(path, folder)
  try {
    return await work()
  } finally {
    rmSync(path, { force: true })
  }
}

const take = (path: string, folder: string): void => {
  const own = JSON.stringify({ pid: process.pid, host: hostname() })
  try {
    writeFileSync(path, own, { flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError('write', path, cause)
    requireEnded(path, folder)
    writeFileSync(path, own)
  }
}

/** @throws FileError unless the process that wrote the file has ended for certain */
const requireEnded = (path: string, folder: string): void => {
  const { pid, host } = ownerOf(path)
  if (host === hostname() && PID.holds(pid) && (pid === process.pid || !isAlive(pid))) return
  const who = `process ${show(pid)} on ${show(host)}`
  const remedy = `wait for it, or stop it; where it has ended, remove ${oneLine(path)}`
  throw new PtncnError('FileError', `"${oneLine(folder)}" expected nobody at work in it, got ${who}; ${remedy}`, folder)
}

const ownerOf = (path: string): { readonly pid?: unknown; readonly host?: unknown } => {
  try {
    return asRecord(parseJson(readFileSync(path, 'utf8'))) ?? {}
  } catch {
    // half-written, or gone meanwhile
    return {}
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    // somebody else's process is one too
    return (cause as NodeJS.ErrnoException).code === 'EPERM'
  }
}

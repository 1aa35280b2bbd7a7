/** Files that are there whole or not at all, and errors of the file system in one line. */

import { randomUUID } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { copyFile, link, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PtncnError } from '../errors.js'

/**
 * Writes bytes, or text as UTF-8, under a temporary name in the same folder, flushes them, and gives them
 * their name: whoever opens `path`, at any moment and after any crash, finds the old file or the new one,
 * never a part.
 * @throws FileError that names what failed; the temporary file is then gone
 */
export const writeFileSafely = async (path: string, bytes: Uint8Array | string): Promise<void> => {
  const temporary = join(dirname(path), `.${basename(path).slice(0, LONGEST_KEPT)}.${randomUUID()}.tmp`)
  try {
    await writeAndFlush(temporary, bytes)
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw fileError('write', path, cause)
  }
}

/**
 * As writeFileSafely, and what stood at `path` is then at `previous`. At every moment one of the two is whole.
 * @throws FileError that names what failed
 */
export const writeKeepingPrevious = async (path: string, previous: string, bytes: Uint8Array): Promise<void> => {
  try {
    await rm(previous, { force: true })
    // a second name for the same file; not all file systems have that
    await link(path, previous).catch((cause: NodeJS.ErrnoException) =>
      cause.code === 'ENOENT' ? undefined : copyFile(path, previous),
    )
  } catch (cause) {
    throw fileError('write', previous, cause)
  }
  await writeFileSafely(path, bytes)
}

/** The folder, with all above it, made where it is not there, whatever is in it. @throws FileError */
export const ensureFolder = (path: string): string => {
  try {
    mkdirSync(path, { recursive: true })
    return path
  } catch (cause) {
    throw noFolder(path, cause)
  }
}

/** A path where no folder is, nor can be. */
export const noFolder = (path: string, cause: unknown): PtncnError => {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
  return new PtncnError('FileError', `${quoted(path)} expected a folder that can be made, got ${code}; give another folder`, path)
}

/** Characters of a file's name that its temporary name keeps: most systems refuse more than 255 bytes. */
const LONGEST_KEPT = 40

const writeAndFlush = async (path: string, bytes: Uint8Array | string): Promise<void> => {
  const file = await open(path, 'wx')
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** What an error code of the file system means, and what to do about it. */
const reasonOf = (code: string | undefined, action: 'read' | 'write', path: string): string => {
  const folder = quoted(dirname(path))
  const reading = action === 'read'
  switch (code) {
    case 'EISDIR':
      return 'it is a folder; give the name of a file'
    case 'ENOENT':
      return reading ? 'there is no such file' : `the folder ${folder} does not exist; make it first`
    case 'ENOTDIR':
      return `${folder} is not a folder`
    case 'EACCES':
    case 'EPERM':
      return reading ? 'no permission to read it' : `no permission to write in the folder ${folder}`
    case 'EROFS':
      return `the folder ${folder} can only be read`
    case 'ENOSPC':
    case 'EDQUOT':
      return 'no space is left on the device'
    case 'ENAMETOOLONG':
      return 'the name is too long'
    default:
      return `the system says ${code ?? 'nothing more'}`
  }
}

/**
 * The FileError for an error of node:fs: `cannot write "runs/a.json": the folder "runs" does not exist; make
 * it first`.
 */
export const fileError = (action: 'read' | 'write', path: string, cause: unknown): PtncnError => {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  const message = `cannot ${action} ${quoted(path)}: ${reasonOf(code, action, path)}`
  return new PtncnError('FileError', message, path)
}

/** What stands in a file, as text. @throws FileError */
export const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

/** A whole path in one line, unlike `show`, which shortens: the end of a path is what tells files apart. */
const quoted = (path: string): string => `"${oneLine(path)}"`

/** A path as errors name it. */
export const oneLine = (path: string): string => path.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')

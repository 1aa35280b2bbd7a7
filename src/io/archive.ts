/** Files of data sets: found under one of several names, plain or gzip, and read within a bound of memory. */

import { closeSync, constants, fstatSync, openSync, readSync, statSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { constants as zlib, gunzipSync } from 'node:zlib'
import { PtncnError } from '../errors.js'
import { fileError, oneLine } from './files.js'

/** A file of a data set, and where it may be. */
export interface Wanted {
  /** names it goes by, each also with `.gz` */
  readonly names: readonly string[]
  /** folders within the one that the user names; '' is that one itself */
  readonly folders: readonly string[]
}

/** What bounds the memory that a file may take. */
export interface Bound {
  /** bytes, unpacked */
  readonly most: number
  /** what to do about a file with more */
  readonly remedy?: string
  /** for formats that say so: the bytes that they must have in all, from the first `head` of them */
  readonly announced?: { readonly head: number; readonly size: (head: Uint8Array, file: string) => number }
}

/**
 * The path of the first that is there, in the order of folders, then names.
 * @throws FileError where `data` is no folder that can be read
 */
export const findFile = (data: string, { names, folders }: Wanted): string | undefined => {
  const stats = statOf(data)
  if (!stats?.isDirectory())
    throw refused(data, 'a folder', stats ? 'something else' : 'nothing of that name', 'give another path of data')
  return candidates({ names, folders })
    .map((name) => join(data, name))
    .find((path) => statOf(path) !== undefined)
}

const candidates = ({ names, folders }: Wanted): string[] =>
  folders.flatMap((folder) => names.flatMap((name) => [name, `${name}.gz`].map((file) => join(folder, file))))

/**
 * The first that is there.
 * @throws FileError that says what was looked for and, by `remedy`, where to get it
 */
export const requireFile = (data: string, wanted: Wanted, remedy: string): string => {
  const path = findFile(data, wanted)
  if (path !== undefined) return path
  const within = wanted.folders.map((folder) => (folder === '' ? 'itself' : folder)).join(', ')
  const looked = `${wanted.names.join(' or ')}, plain or .gz, in it (${within})`
  throw refused(data, looked, 'none of them', remedy)
}

const statOf = (path: string): Stats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (cause) {
    // a file where a folder is looked for: nothing is below it
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOTDIR') return undefined
    throw fileError('read', path, cause)
  }
}

const GZIP_MAGIC = [0x1f, 0x8b]
/** Packed bytes that hold the head of every format here; each becomes at most 1032. */
const PACKED_HEAD = 4096
const LARGEST_RATIO = 1032

/**
 * The bytes of a file, unpacked where it is gzip, whatever its name says. Never takes more memory than the file
 * has bytes, and some three times `bound` where it is packed.
 * @throws FileError
 */
export const readArchive = (path: string, bound: Bound): Uint8Array => {
  const bytes = readRegular(path, bound.most, bound.remedy)
  return GZIP_MAGIC.every((byte, i) => bytes[i] === byte) ? unpacked(bytes, path, bound) : bytes
}

/** The bytes of a file that is neither a folder nor a device nor a pipe, whose end would never come. */
export const readRegular = (path: string, most: number, remedy = ''): Uint8Array => {
  const file = opened(path)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw refused(path, 'a file', stats.isDirectory() ? 'a folder' : 'something else')
    if (stats.size > most) throw tooLarge(path, most, stats.size, remedy)
    const bytes = new Uint8Array(stats.size)
    let length = 0
    for (let read = 1; read > 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null)
    }
    return bytes.subarray(0, length)
  } catch (cause) {
    throw cause instanceof PtncnError ? cause : fileError('read', path, cause)
  } finally {
    closeSync(file)
  }
}

/** Without O_NONBLOCK, opening a pipe would wait for its other end. Windows has neither. */
const opened = (path: string): number => {
  try {
    return openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (cause) {
    throw fileError('read', path, cause)
  }
}

const refused = (path: string, expected: string, got: unknown, remedy = ''): PtncnError =>
  new PtncnError('FileError', `"${oneLine(path)}" expected ${expected}, got ${got}${remedy && `; ${remedy}`}`, path)

const tooLarge = (path: string, most: number, got: unknown, remedy = ''): PtncnError =>
  refused(path, `at most ${most} bytes`, got, remedy)

const unpacked = (packed: Uint8Array, path: string, { most, announced }: Bound): Uint8Array => {
  if (announced === undefined) return gunzip(packed, path, most)
  const start = gunzip(packed.subarray(0, PACKED_HEAD), path, PACKED_HEAD * LARGEST_RATIO + announced.head, zlib.Z_SYNC_FLUSH)
  const size = announced.size(start.subarray(0, announced.head), oneLine(path))
  if (size > most) throw tooLarge(path, most, size)
  return gunzip(packed, path, size)
}

const gunzip = (packed: Uint8Array, path: string, most: number, finishFlush: number = zlib.Z_FINISH): Uint8Array => {
  try {
    return gunzipSync(packed, { maxOutputLength: Math.max(1, most), finishFlush })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'nothing more'
    if (code === 'ERR_BUFFER_TOO_LARGE') throw refused(path, `at most ${most} bytes when unpacked`, 'more')
    throw refused(path, 'whole, undamaged gzip data', code, 'fetch it again')
  }
}

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'

import { PtncnError } from '../../../src/errors.js'
import { findFile, readArchive, requireFile } from '../../../src/io/archive.js'
import { holds } from '../../support/property.js'
import { report, returnsOrRefuses } from '../data/refusal.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-archive-'))
after(() => rmSync(folder, { recursive: true }))

const WINDOWS = process.platform === 'win32' && 'there are no such files'
const MEGABYTE = 2 ** 20

/** A file of its own for each name. */
const fileOf = (name: string, bytes: Uint8Array | string): string => {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const refused = (run: () => unknown, message: RegExp): void =>
  assert.throws(run, (error) => {
    assert.ok(error instanceof PtncnError, String(error))
    assert.equal(error.name, 'FileError')
    assert.match(error.message, message)
    assert.doesNotMatch(error.message, /[\n\r\u2028\u2029]/)
    return true
  })

test('a file is the same plain or packed, whatever its name says', () => {
  holds(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean()), 50, ([given, named]) => {
    const bytes = Uint8Array.from([1, ...given])
    for (const stored of [bytes, gzipSync(bytes), Buffer.concat([gzipSync(bytes.subarray(0, 1)), gzipSync(given)])]) {
      const path = fileOf(named ? 'same.gz' : 'same', stored)
      assert.deepEqual([...readArchive(path, { most: 1000 })], [...bytes])
    }
  })
})

test('a file is found in the folder or in those within it, plain before packed, in the order of folders and names', () => {
  const at = join(folder, 'found')
  const wanted = { names: ['a', 'b'], folders: ['inner', ''] }
  mkdirSync(join(at, 'inner'), { recursive: true })
  assert.equal(findFile(at, wanted), undefined)
  for (const name of ['b.gz', 'b', 'a.gz', 'a', join('inner', 'b.gz'), join('inner', 'a')]) {
    writeFileSync(join(at, name), '')
    assert.equal(findFile(at, wanted), join(at, name))
  }
})

test('what is not there is said, with all names and folders and where to get it', () => {
  refused(
    () => requireFile(folder, { names: ['x', 'y'], folders: ['sub', ''] }, 'it is at https://example.org'),
    /expected x or y, plain or \.gz, in it \(sub, itself\), got none of them; it is at https:\/\/example\.org$/,
  )
  refused(
    () => findFile(join(folder, 'none'), { names: ['x'], folders: [''] }),
    /none" expected a folder, got nothing of that name; give another path of data$/,
  )
  const path = fileOf('plain', '')
  refused(
    () => findFile(path, { names: ['x'], folders: ['', 'sub'] }),
    /plain" expected a folder, got something else; give another path of data$/,
  )
  assert.equal(findFile(folder, { names: ['x'], folders: ['plain'] }), undefined)
})

test('a folder in place of a file is refused', () => {
  mkdirSync(join(folder, 'file'))
  refused(() => readArchive(join(folder, 'file'), { most: 10 }), /file" expected a file, got a folder$/)
  refused(() => readArchive(join(folder, 'nothing'), { most: 10 }), /^cannot read ".*nothing": there is no such file$/)
})

test('a pipe or a device is refused and not waited for', { skip: WINDOWS, timeout: 10_000 }, () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  refused(() => readArchive(pipe, { most: 10 }), /pipe" expected a file, got something else$/)
  symlinkSync('/dev/zero', join(folder, 'device'))
  refused(() => readArchive(join(folder, 'device'), { most: 10 }), /expected a file, got something else$/)
})

test('a name over several lines is named in one', { skip: WINDOWS }, () => {
  refused(() => readArchive(fileOf('a\nb', 'xyz'), { most: 2 }), /a\?b" expected at most 2 bytes, got 3$/)
})

/** Bytes that the largest moment of a call adds to the process. */
const memoryOf = (run: () => void): number => {
  const before = process.memoryUsage.rss()
  run()
  return process.memoryUsage.rss() - before
}

test('a file that is too large is refused before it is read', () => {
  const path = fileOf('large', '')
  truncateSync(path, 2000 * MEGABYTE)
  const grown = memoryOf(() =>
    refused(() => readArchive(path, { most: 10 * MEGABYTE }), /at most 10485760 bytes, got 2097152000$/),
  )
  assert.ok(grown < 20 * MEGABYTE, `${grown}`)
})

const bomb = gzipSync(new Uint8Array(150 * MEGABYTE))

test('a gzip bomb is refused within some times the bound', () => {
  const path = fileOf('bomb', bomb)
  const grown = memoryOf(() =>
    refused(() => readArchive(path, { most: 8 * MEGABYTE }), /bomb" expected at most 8388608 bytes when unpacked, got more$/),
  )
  assert.ok(grown < 64 * MEGABYTE, `${grown}`)
})

test('a gzip file that unpacks to more than its head announces is refused within what it announces', () => {
  const path = fileOf('announced', bomb)
  const bound = { most: 1000 * MEGABYTE, announced: { head: 4, size: () => 1000 } }
  const grown = memoryOf(() => refused(() => readArchive(path, bound), /at most 1000 bytes when unpacked, got more$/))
  assert.ok(grown < 32 * MEGABYTE, `${grown}`)
  const more = { most: 999, announced: { head: 4, size: () => 1000 } }
  refused(() => readArchive(fileOf('more', gzipSync('abcdef')), more), /at most 999 bytes, got 1000$/)
})

test('the head that says how much is announced is the first bytes of the file', () => {
  const path = fileOf('head', gzipSync(Uint8Array.from({ length: 5000 }, (_, i) => i % 256)))
  const heads: number[][] = []
  readArchive(path, { most: 5000, announced: { head: 3, size: (head) => (heads.push([...head]), 5000) } })
  assert.deepEqual(heads, [[0, 1, 2]])
})

test('damaged gzip data, cut anywhere or changed, give the bytes or one FileError', () => {
  const packed = gzipSync(Uint8Array.from({ length: 400 }, (_, i) => (i * i) % 251))
  const counts = { tried: 0, refused: 0 }
  const damage = fc.tuple(fc.nat(packed.length), fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { maxLength: 3 }))
  holds(damage, 1000, ([length, changes]) => {
    const bytes = Uint8Array.from(packed)
    for (const [at, value] of changes) bytes[at] = value
    const path = fileOf('damaged', bytes.subarray(0, length))
    counts.tried++
    const bound = { most: 400, ...(length % 2 === 0 ? { announced: { head: 4, size: () => 400 } } : {}) }
    if (!returnsOrRefuses(() => assert.ok(readArchive(path, bound).length <= 400))) counts.refused++
  })
  assert.ok(counts.refused > 0 && counts.refused < counts.tried)
  report('gzip', counts.tried, counts.refused)
})

import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { PtncnError } from '../../../src/errors.js'
import { fileError, writeFileSafely } from '../../../src/io/files.js'

const folder = await mkdtemp(join(tmpdir(), 'ptncn-files-'))
after(() => rm(folder, { recursive: true }))

/** A folder of its own for each test. */
const fresh = (name: string): Promise<string> => mkdir(join(folder, name)).then(() => join(folder, name))

const refused =
  (message: RegExp) =>
  (error: unknown): true => {
    assert.ok(error instanceof PtncnError, String(error))
    assert.equal(error.name, 'FileError')
    assert.match(error.message, message)
    assert.doesNotMatch(error.message, /[\n\r\u2028\u2029]/)
    return true
  }

test('the file has the bytes, or the text as UTF-8, and nothing else is left in the folder', async () => {
  const at = await fresh('whole')
  await writeFileSafely(join(at, 'bytes'), Uint8Array.of(0, 255, 10))
  await writeFileSafely(join(at, 'text'), 'gr\u00fc\u00dfe')
  assert.deepEqual([...(await readFile(join(at, 'bytes')))], [0, 255, 10])
  assert.equal(await readFile(join(at, 'text'), 'utf8'), 'gr\u00fc\u00dfe')
  assert.deepEqual((await readdir(at)).sort(), ['bytes', 'text'])
})

test('a file that was there is replaced as a whole: who has it open still reads the old one', async () => {
  const at = await fresh('replaced')
  const path = join(at, 'file')
  await writeFile(path, 'a longer old text')
  const old = await open(path)
  await writeFileSafely(path, 'new')
  assert.equal(await old.readFile('utf8'), 'a longer old text')
  await old.close()
  assert.equal(await readFile(path, 'utf8'), 'new')
})

test('many writers of one file: it is whole, and that of one of them', async () => {
  const at = await fresh('many')
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000))
  await Promise.all(texts.map((text) => writeFileSafely(join(at, 'file'), text)))
  assert.ok(texts.includes(await readFile(join(at, 'file'), 'utf8')), 'the file is one of those written')
  assert.deepEqual(await readdir(at), ['file'])
})

test('a name of 255 letters can be written, one of 256 is refused', async () => {
  const at = await fresh('long')
  await writeFileSafely(join(at, 'x'.repeat(255)), '')
  await assert.rejects(writeFileSafely(join(at, 'x'.repeat(256)), ''), refused(/the name is too long$/))
  assert.equal((await readdir(at)).length, 1)
})

test('a folder in place of the file is named, and nothing is left behind', async () => {
  const at = await fresh('taken')
  await mkdir(join(at, 'inner'))
  const written = writeFileSafely(join(at, 'inner'), 'x')
  await assert.rejects(written, refused(/^cannot write ".*inner": it is a folder; give/))
  assert.deepEqual(await readdir(at), ['inner'])
})

test('a folder that is missing, or that is a file, is named', async () => {
  const at = await fresh('missing')
  await assert.rejects(
    writeFileSafely(join(at, 'none', 'file'), 'x'),
    refused(/^cannot write ".*file": the folder ".*none" does not exist; make it first$/),
  )
  await writeFile(join(at, 'plain'), '')
  await assert.rejects(writeFileSafely(join(at, 'plain', 'file'), 'x'), refused(/: ".*plain" is not a folder$/))
})

const skip = process.getuid?.() === 0 && 'an administrator may write everywhere'

test('no permission is named', { skip }, async () => {
  const at = await fresh('closed')
  await chmod(at, 0o500)
  const written = writeFileSafely(join(at, 'file'), 'x')
  await assert.rejects(written, refused(/: no permission to write in the folder ".*closed"$/))
})

test('errors of the file system become one line that names the file and the reason', () => {
  const failed = (code: string): Error => Object.assign(new Error('long story'), { code })
  const cases = [
    ['write', 'EACCES', 'no permission to write in the folder "runs"'],
    ['read', 'EACCES', 'no permission to read it'],
    ['read', 'ENOENT', 'there is no such file'],
    ['write', 'EROFS', 'the folder "runs" can only be read'],
    ['write', 'ENOSPC', 'no space is left on the device'],
    ['write', 'EIO', 'the system says EIO'],
  ] as const
  for (const [action, code, reason] of cases) {
    assert.equal(fileError(action, 'runs/a.json', failed(code)).message, `cannot ${action} "runs/a.json": ${reason}`)
  }
  assert.equal(fileError('read', 'a', 'no error at all').message, 'cannot read "a": the system says nothing more')
})

test('a hostile path cannot break the line', () => {
  assert.equal(fileError('read', 'a\nb\u2028', undefined).message, 'cannot read "a?b?": the system says nothing more')
})

/** Folders with files for loaders to read, which go with the process. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

type Files = Readonly<Record<string, Uint8Array | string>>

/** A folder, and what makes folders with files in it. */
export const foldersFor = (name: string): { readonly folder: string; readonly folderOf: (files: Files) => string } => {
  const folder = mkdtempSync(join(tmpdir(), `ptncn-${name}-`))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  let folders = 0
  const folderOf = (files: Files): string => {
    const made = join(folder, String(folders++))
    mkdirSync(made)
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(made, file)), { recursive: true })
      writeFileSync(join(made, file), content)
    }
    return made
  }
  return { folder, folderOf }
}

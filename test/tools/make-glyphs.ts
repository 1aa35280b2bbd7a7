/**
 * Draws the letters A-J in the fonts of glyph-fonts.json, and writes src/data/glyph-sample.ts and the lists of fonts
 * in src/data/GLYPHS.md:
 *
 *     npx tsx test/tools/make-glyphs.ts [folder for the fonts]
 *
 * It needs npm, which puts the packages of glyph-fonts.json (fonts, and the reader of fonts; 100 MB) into the folder,
 * by default a new one for temporary files. The versions are pinned; the same versions give the same files, byte for
 * byte.
 */

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { imagesConstant } from './make-digits.js'
import { rasterise, type Command } from './outline.js'

const LETTERS = 'ABCDEFGHIJ'
const SIDE = 28
/** The longer side of a letter; a pixel is left free on each side. */
const BOX = 26
/** Every so many fonts of the list, one is for the test: 30 of 150. */
const TEST_EVERY = 5
const LICENCES = ['OFL-1.1', 'Apache-2.0']

interface Font {
  readonly family: string
  readonly package: string
  readonly licence: string
  readonly copyright: string
  /** one of each letter */
  readonly images: readonly Uint8Array[]
}

/** What is used here of the fonts that opentype.js reads. */
interface Outlines {
  readonly names: { readonly [platform: string]: { readonly copyright?: { readonly en?: string } } | undefined }
  readonly charToGlyphIndex: (letter: string) => number
  readonly charToGlyph: (letter: string) => { readonly path: { readonly commands: readonly Command[] } }
}

type Parse = (file: ArrayBuffer) => Outlines

const LIST = new URL('glyph-fonts.json', import.meta.url)

/** The packages of the fonts, in the order of the list, with their versions. */
export const fontPackages = (): (readonly [name: string, version: string])[] => {
  const { dependencies } = JSON.parse(readFileSync(LIST, 'utf8')) as { dependencies: Record<string, string> }
  return Object.entries(dependencies).filter(([name]) => name.startsWith('@fontsource/'))
}

export const isForTest = (place: number): boolean => place % TEST_EVERY === TEST_EVERY - 1

const install = (folder: string): void => {
  mkdirSync(folder, { recursive: true })
  copyFileSync(LIST, join(folder, 'package.json'))
  const options = { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' } as const
  const args = ['install', '--prefix', '.', '--ignore-scripts', '--no-audit', '--no-fund']
  if (spawnSync('npm', args, options).status !== 0) throw new Error(`npm cannot install the fonts in ${folder}`)
}

/** The file of upright Latin letters of the regular weight, or of the lightest where there is no such. */
const readFont = (folder: string): Uint8Array => {
  const names = readdirSync(join(folder, 'files'))
    .filter((name) => /-latin-\d+-normal\.woff$/.test(name))
    .sort()
  const name = names.find((each) => each.includes('-400-')) ?? names[0]
  if (name === undefined) throw new Error(`no upright Latin letters in ${folder}`)
  return Uint8Array.from(readFileSync(join(folder, 'files', name)))
}

/** The font's own notice, on one line, up to where it goes on about the licence. */
const copyrightOf = ({ names }: Outlines, name: string): string => {
  const notice = (names['windows'] ?? names['macintosh'])?.copyright?.en ?? ''
  const line = notice.replaceAll(/\s+/g, ' ').replace(/\W*(This Font Software is|Licensed under|Available under).*/, '')
  if (!/copyright|©/i.test(line)) throw new Error(`no copyright notice in ${name}: ${JSON.stringify(notice)}`)
  return line.trim()
}

const draw = (outlines: Outlines, name: string, letter: string): Uint8Array => {
  if (outlines.charToGlyphIndex(letter) === 0) throw new Error(`no ${letter} in ${name}`)
  return rasterise(outlines.charToGlyph(letter).path.commands, SIDE, BOX)
}

const fontOf = (modules: string, parse: Parse, name: string, version: string): Font => {
  const { family, license } = JSON.parse(readFileSync(join(modules, name, 'metadata.json'), 'utf8')) as {
    family: string
    license: { type: string }
  }
  if (!LICENCES.includes(license.type)) throw new Error(`the licence of ${name} is ${license.type}`)
  const outlines = parse(readFont(join(modules, name)).buffer as ArrayBuffer)
  return {
    family,
    package: `${name}@${version}`,
    licence: license.type,
    copyright: copyrightOf(outlines, name),
    images: [...LETTERS].map((letter) => draw(outlines, name, letter)),
  }
}

const partConstant = (name: string, fonts: readonly Font[]): string =>
  imagesConstant(name, {
    pixels: Buffer.concat(fonts.flatMap(({ images }) => images)),
    labels: fonts.flatMap(() => [...LETTERS].map((_, label) => label)),
  })

const HEADER = `/**
 * The letters A-J in openly licensed fonts: see GLYPHS.md.
 * Written by test/tools/make-glyphs.ts. Labels are decimal digits, codes are those of pixel-code.ts in base64.
 */
`

const table = (title: string, fonts: readonly Font[]): string => `
## ${title}

| font | family | package | licence | copyright |
|---|---|---|---|---|
${fonts.map((font, i) => row([`${i}`, font.family, `\`${font.package}\``, font.licence, font.copyright])).join('\n')}
`

const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** The notes by hand stay; the lists of fonts after them are written anew. */
const withLists = (notes: string, training: readonly Font[], test: readonly Font[]): string =>
  notes.split('\n## Training fonts\n')[0] + table('Training fonts', training) + table('Test fonts', test)

const main = (folder: string): void => {
  install(folder)
  const { parse } = createRequire(join(folder, 'package.json'))('opentype.js') as { parse: Parse }
  const modules = join(folder, 'node_modules')
  const fonts = fontPackages().map(([name, version]) => fontOf(modules, parse, name, version))
  const training = fonts.filter((_, i) => !isForTest(i))
  const test = fonts.filter((_, i) => isForTest(i))
  const data = new URL('../../src/data/', import.meta.url)
  const sample = HEADER + partConstant('TRAINING', training) + partConstant('TEST', test)
  writeFileSync(new URL('glyph-sample.ts', data), sample)
  const notes = new URL('GLYPHS.md', data)
  writeFileSync(notes, withLists(readFileSync(notes, 'utf8'), training, test))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv[2] ?? mkdtempSync(join(tmpdir(), 'glyph-fonts-')))
}

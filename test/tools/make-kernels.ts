/**
 * Compiles src/engine/fast/kernels/assembly to the module that src/engine/fast/kernels/binary.ts holds.
 *
 *     tsx test/tools/make-kernels.ts    (npm run build:kernels)
 */

import asc from 'assemblyscript/asc'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const TARGET = new URL('../../src/engine/fast/kernels/binary.ts', import.meta.url)
const WIDTH = 100

const FOLDER = 'src/engine/fast/kernels/assembly'
/** The file that says what is in a module, and the name under which the module is kept. */
const MODULES = [
  ['index.ts', 'KERNELS', 'The WebAssembly module in base64.'],
  ['wide.ts', 'WIDE_KERNELS', 'The same for a runtime that joins 128-bit operations, see assembly/wide.ts.'],
] as const

const OPTIONS = [
  '--baseDir',
  ROOT,
  '--outFile',
  'kernels.wasm',
  '--enable',
  'simd',
  '--enable',
  'threads',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory',
  '1',
  '--maximumMemory',
  '65536',
  '-O3',
  '--noAssert',
  '--runtime',
  'stub',
]

/** The bytes of a module. @throws with the compiler's words where it does not compile */
const compileModule = async (file: string): Promise<Uint8Array> => {
  const files = new Map<string, Uint8Array>()
  const { error, stderr } = await asc.main([`${FOLDER}/${file}`, ...OPTIONS], {
    writeFile: (name: string, contents: Uint8Array | string) => {
      files.set(name, typeof contents === 'string' ? new TextEncoder().encode(contents) : contents)
    },
  })
  const compiled = files.get('kernels.wasm')
  if (error || !compiled) throw new Error(`${FOLDER}/${file} does not compile:\n${stderr.toString()}`)
  return compiled
}

const constantOf = (name: string, about: string, bytes: Uint8Array): string => {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? []
  const text = lines.map((line, i) => `  '${line}'${i < lines.length - 1 ? ' +' : ''}`)
  return [`/** ${about} */`, `export const ${name} =`, ...text, ''].join('\n')
}

/** The text of src/engine/fast/kernels/binary.ts. */
export const makeBinary = async (): Promise<string> => {
  const constants: string[] = []
  for (const [file, name, about] of MODULES) constants.push(constantOf(name, about, await compileModule(file)))
  const head = '/** The kernels, compiled from src/engine/fast/kernels/assembly by `npm run build:kernels`: do not edit. */'
  return [head, ...constants].join('\n\n').replace(/\n\n\n/g, '\n\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await makeBinary()
  if (text !== readFileSync(TARGET, { encoding: 'utf8', flag: 'a+' })) writeFileSync(TARGET, text)
}

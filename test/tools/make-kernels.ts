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

const OPTIONS = [
  'src/engine/fast/kernels/assembly/index.ts',
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

/** The module's bytes. @throws with the compiler's words where it does not compile */
export const compileKernels = async (): Promise<Uint8Array> => {
  const files = new Map<string, Uint8Array>()
  const { error, stderr } = await asc.main(OPTIONS, {
    writeFile: (name: string, contents: Uint8Array | string) => {
      files.set(name, typeof contents === 'string' ? new TextEncoder().encode(contents) : contents)
    },
  })
  const compiled = files.get('kernels.wasm')
  if (error || !compiled) throw new Error(`src/engine/fast/kernels/assembly does not compile:\n${stderr.toString()}`)
  return compiled
}

/** The text of src/engine/fast/kernels/binary.ts for a module. */
export const textOf = (bytes: Uint8Array): string => {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(new RegExp(`.{1,${WIDTH}}`, 'g')) ?? []
  return [
    '/** The kernels, compiled from src/engine/fast/kernels/assembly by `npm run build:kernels`: do not edit. */',
    '',
    '/** The WebAssembly module in base64. */',
    'export const KERNELS =',
    ...lines.map((line, i) => `  '${line}'${i < lines.length - 1 ? ' +' : ''}`),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = textOf(await compileKernels())
  if (text !== readFileSync(TARGET, { encoding: 'utf8', flag: 'a+' })) writeFileSync(TARGET, text)
}

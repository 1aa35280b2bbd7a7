/** The page of `ptncn explore`: SPEC.md as text, the program that computes, the style, in one file that asks nobody for anything. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { firstExample } from '../../../src/explain/example.js'
import { specPage, type SpecPage } from './spec.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string): string => readFileSync(`${ROOT}${path}`, 'utf8')

const bundled = async (entry: string): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [`${ROOT}${entry}`],
    bundle: true,
    write: false,
    minify: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'error',
  })
  // what would end the script in the page
  return outputFiles[0]!.text.trim().replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')
}

const policyOf = (program: string): string => {
  const hash = createHash('sha256').update(program).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}' 'wasm-unsafe-eval'`,
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

const contentsOf = ({ contents }: SpecPage): string => {
  const clauses = (ids: readonly string[]): string =>
    ids.length === 0 ? '' : `<ul>${ids.map((id) => `<li><a href="#${id}">${id}</a></li>`).join('')}</ul>`
  const items = contents.map(({ id, title, clauses: ids }) => `<li><a href="#${id}">${title}</a>${clauses(ids)}</li>`)
  return `<ul><li><a href="#try">Things to do</a></li>${items.join('')}</ul>`
}

/** The page as text. */
export const explorePage = async (): Promise<string> => {
  const spec = read('SPEC.md')
  const page = specPage(spec)
  const [program, style] = await Promise.all([bundled('src/explore/main.ts'), bundled('src/explore/style.css')])
  const parts: Readonly<Record<string, string>> = {
    policy: policyOf(program),
    style,
    contents: contentsOf(page),
    version: page.version,
    spec: page.html,
    example: JSON.stringify(firstExample(spec)).replaceAll('<', '\\u003c'),
    program,
  }
  return read('src/explore/page.html').replace(/\{\{(\w+)\}\}/g, (_, name: string) => parts[name]!)
}

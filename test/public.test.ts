/** The public names: what they are, that each says what it is, and that the package is what TypeScript 5.2 reads. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import ts from 'typescript-least'
import { released } from '../src/ptncn/config.js'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const { exports } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { exports: Record<string, { types?: string }> }

/** The source of each entry of the package, by its name in an import. */
const ENTRIES = new Map(
  Object.entries(exports).flatMap(([path, { types }]) =>
    types ? [[path.replace(/^\./, 'ptncn'), `${ROOT}${types.replace('./dist/', 'src/').replace('.d.ts', '.ts')}`] as const] : [],
  ),
)

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  strict: true,
  noEmit: true,
}

/** A public name, or a field of one, and what is said of it: there, or in the docstring of what it is a field of. */
interface Documented {
  readonly name: string
  readonly text: string
}

const documentation = (checker: ts.TypeChecker, name: string, symbol: ts.Symbol): Documented => ({
  name,
  text: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
})

/** The fields that a type declares itself, below src. */
const fieldsOf = (checker: ts.TypeChecker, symbol: ts.Symbol): readonly ts.Symbol[] =>
  (symbol.declarations ?? [])
    .filter(ts.isInterfaceDeclaration)
    .flatMap(({ members }) => members.flatMap((member) => (member.name ? (checker.getSymbolAtLocation(member.name) ?? []) : [])))

/** Every public name of these entries with its documentation, then the fields of each interface. */
const publicNames = (entries: ReadonlyMap<string, string>, host?: ts.CompilerHost): readonly Documented[] => {
  const program = ts.createProgram([...entries.values()], options, host)
  const checker = program.getTypeChecker()
  return [...entries].flatMap(([entry, file]) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
    return checker.getExportsOfModule(module).flatMap((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      const name = `${entry}: ${exported.name}`
      const whole = documentation(checker, name, symbol)
      const says = (field: string): string => (new RegExp(`\\b${field}\\b`).test(whole.text) ? whole.text : '')
      const fields = fieldsOf(checker, symbol).map((field) => {
        const own = documentation(checker, `${name}.${field.name}`, field)
        return { ...own, text: own.text || says(field.name) }
      })
      return [whole, ...fields]
    })
  })
}

const silent = (names: readonly Documented[]): readonly string[] =>
  names.filter(({ text }) => text === '').map(({ name }) => name)

test('every public name, and every field of a public interface, has a docstring', () => {
  const names = publicNames(ENTRIES)
  assert.ok(names.length > 100, `only ${names.length} names found`)
  assert.deepEqual(silent(names), [])
})

test('each field of a configuration says its default, which is that of `released`', () => {
  const said = new Map(publicNames(new Map([['ptncn', ENTRIES.get('ptncn')!]])).map(({ name, text }) => [name, text]))
  for (const [field, value] of Object.entries(released)) {
    assert.match(said.get(`ptncn: Config.${field}`)!, new RegExp(`; default ${String(value)}$`), field)
  }
})

test('a public name, or a field, without a docstring is noticed', () => {
  const host = ts.createCompilerHost(options)
  const { readFile } = host
  const bare = `${ROOT}src/ptncn/scores.ts`
  const getSourceFile: ts.CompilerHost['getSourceFile'] = (name, target) => {
    const text = readFile(name)
    const spoilt = name === bare ? text!.replace(/\/\*\*(?:(?!\*\/)[^])*\*\/\n(export const score|  readonly loss)/g, '$1') : text
    return spoilt === undefined ? undefined : ts.createSourceFile(name, spoilt, target)
  }
  const found = silent(publicNames(new Map([['ptncn', ENTRIES.get('ptncn')!]]), { ...host, getSourceFile }))
  assert.deepEqual(found, ['ptncn: score', 'ptncn: Score.loss'])
})

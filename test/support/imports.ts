/** Which file may import which: a function of the sources alone, so that it can be shown a planted import. */

/** In the order of dependence: a file imports from its own folder and from those before it. */
export const LAYERS = [
  'errors',
  'nearest',
  'fields',
  'numeric',
  'ptncn',
  'engine',
  'rivals',
  'data',
  'io',
  'export',
  'experiment',
  'conform',
  'laws',
  'explain',
  'explore',
  'cli',
  'index',
] as const

/** Where no module of Node's and no global of its own may be used: the same code runs in a browser. */
const PURE =
  /^(?:(?:numeric|ptncn|rivals|explain|explore)\/|(?:errors|nearest|fields|index|rivals)\.|data\/utf8\.|io\/(?:checkpoint|json|safetensors)\.|engine\/(?!fast\/(?:parallel\.|threads\/)))/

/** What ptncn can reach; nothing in it knows a derivative. */
const WITHIN_REACH = ['errors', 'nearest', 'fields', 'numeric', 'ptncn']

/** Paths below src, such as 'ptncn/step.ts', and what stands in them. */
export type Sources = ReadonlyMap<string, string>

const withoutComments = (source: string): string =>
  source.replace(/'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[^]*?\*\/|\/\/[^\n]*/g, (text) =>
    text.startsWith('/') ? ' ' : text,
  )

/** Every module that a source names: imports, re-exports, import(), and the files of workers. */
export const importsOf = (source: string): readonly string[] =>
  [...withoutComments(source).matchAll(/(?:\bfrom|\bimport|\bnew URL)\s*\(?\s*(['"`])([^'"`\n]*)\1/g)].map(([, , name]) => name!)

/** A file beside the folders is one of the public entries, but for those that everything uses, and the command. */
const layerOf = (file: string): string => {
  const [first, ...rest] = file.split('/')
  if (rest.length > 0) return first!
  const name = first!.replace(/\.ts$/, '')
  return ['errors', 'nearest', 'fields', 'cli'].includes(name) ? name : 'index'
}

const rankOf = (file: string): number => (LAYERS as readonly string[]).indexOf(layerOf(file))

/** The file that a relative import means, as a path below src; undefined where it lies outside. */
const targetOf = (file: string, name: string): string | undefined => {
  const parts = file.split('/').slice(0, -1)
  for (const part of name.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined
    if (part !== '..' && part !== '.') parts.push(part)
  }
  return parts.join('/').replace(/\.js$/, '.ts')
}

const isRelative = (name: string): boolean => name.startsWith('.')

const forbidden = (file: string, name: string, sources: Sources): string | undefined => {
  if (name.startsWith('node:')) return PURE.test(file) ? `${file} imports ${name}, a module of Node's` : undefined
  // laws draw their setups with a package that whoever wants them installs, and no other file may want it
  if (name === 'fast-check' && layerOf(file) === 'laws') return undefined
  if (!isRelative(name)) return `${file} imports ${name}, a package`
  const target = targetOf(file, name)
  if (target === undefined) return `${file} imports ${name}, which lies outside src`
  if (!sources.has(target)) return `${file} imports ${name}, which does not exist`
  if (rankOf(target) > rankOf(file) || (layerOf(file) === 'index' && layerOf(target) === 'cli')) {
    return `${file} imports ${target}, which comes after it`
  }
  return undefined
}

/** Ways to a module that no list of imports shows. */
const HIDDEN = /\b(?:process|Buffer)\b\s*[.[(]|\brequire\s*\(|\bimport\s*\(\s*[^\s'"`]|\beval\s*\(|\bnew Function\b/

const hiddenIn = (file: string, source: string): readonly string[] => {
  const found = PURE.test(file) ? HIDDEN.exec(withoutComments(source)) : null
  return found ? [`${file} uses ${found[0]}`] : []
}

const neighbours = (file: string, sources: Sources): readonly string[] =>
  importsOf(sources.get(file) ?? '')
    .filter(isRelative)
    .flatMap((name) => targetOf(file, name) ?? [])

/** All files that a folder's files reach, each with the way to it. */
export const reachOf = (folder: string, sources: Sources): ReadonlyMap<string, readonly string[]> => {
  const ways = new Map([...sources.keys()].filter((file) => layerOf(file) === folder).map((file) => [file, [file]]))
  for (const [file, way] of ways) {
    for (const next of neighbours(file, sources)) if (!ways.has(next)) ways.set(next, [...way, next])
  }
  return ways
}

const roundFrom = (files: readonly string[]): string => {
  const first = files.indexOf([...files].sort()[0]!)
  return [...files.slice(first), ...files.slice(0, first + 1)].join(' -> ')
}

/** Every cycle of imports, of types too, as the way round it from its first file by name on. */
export const cycles = (sources: Sources): readonly string[] => {
  const found: string[] = []
  const done = new Set<string>()
  const follow = (file: string, way: readonly string[]): void => {
    const at = way.indexOf(file)
    if (at >= 0) found.push(roundFrom(way.slice(at)))
    if (at >= 0 || done.has(file)) return
    for (const next of neighbours(file, sources)) follow(next, [...way, file])
    done.add(file)
  }
  for (const file of [...sources.keys()].sort()) follow(file, [])
  return found
}

/** Every import that is not allowed, one line each; none where all is well. */
export const violations = (sources: Sources): readonly string[] => [
  ...[...sources.keys()].filter((file) => rankOf(file) < 0).map((file) => `${file} has no place among ${LAYERS.join(', ')}`),
  ...[...sources].flatMap(([file, source]) => importsOf(source).flatMap((name) => forbidden(file, name, sources) ?? [])),
  ...[...sources].flatMap(([file, source]) => hiddenIn(file, source)),
  ...[...reachOf('ptncn', sources).values()]
    .filter((way) => !WITHIN_REACH.includes(layerOf(way.at(-1)!)))
    .map((way) => `ptncn reaches ${way.at(-1)} by ${way.join(' -> ')}`),
]

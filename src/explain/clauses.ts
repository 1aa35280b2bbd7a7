/** The clauses of SPEC.md as its text has them, so that what is told is told in its own words. */

export interface Clause {
  readonly id: string
  /** the first words, as far as the first colon or full stop */
  readonly title: string
  /** the lines of its first block of equations; none where it has none */
  readonly block: readonly string[]
}

const plain = (text: string): string =>
  text
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .replace(/\s+/g, ' ')
    .trim()

/** The blocks of a text that are set in by four blanks. */
const firstBlock = (body: string): readonly string[] => {
  const lines = body.split('\n')
  const from = lines.findIndex((line) => line.startsWith('    '))
  const after = lines.slice(from).findIndex((line) => line !== '' && !line.startsWith('    '))
  const block = from < 0 ? [] : lines.slice(from, after < 0 ? undefined : from + after)
  return block.filter((line) => line !== '').map((line) => line.slice(4))
}

/** Each clause of the text, by its identifier. */
export const clausesOf = (spec: string): ReadonlyMap<string, Clause> => {
  const parts = spec.split(/(?<=\n\n)\*\*\[([A-Za-z0-9-]+)\]\*\*(?:<a id="[^"]*"><\/a>)?/)
  const clauses = new Map<string, Clause>()
  for (let i = 1; i < parts.length; i += 2) {
    const [id, whole] = [parts[i]!, parts[i + 1]!]
    const body = whole.split(/\n#+ /)[0]!
    const title = plain(/^[^]*?(?:(?<![.\s])[.:](?=\s)|\n\n)/.exec(body)?.[0] ?? body)
    clauses.set(id, { id, title, block: firstBlock(body) })
  }
  return clauses
}

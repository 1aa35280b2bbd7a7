/**
 * test/law/README.md, made from the laws as the tests state them.
 *
 *     tsx --test-name-pattern='^$' test/tools/laws.ts           prints it, and runs no test
 *     ... test/tools/laws.ts write                              writes it
 */

import { readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { STATED, type Stated } from '../law/laws.js'

const TEST = new URL('../', import.meta.url)

/** The files that state laws, below test. */
const FILES = [
  ...readdirSync(new URL('law/', TEST))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `law/${name}`),
  'layers.test.ts',
].sort()

interface Row extends Stated {
  readonly file: string
}

const rows: Row[] = []
for (const file of FILES) {
  const before = STATED.length
  await import(new URL(file, TEST).href)
  rows.push(...STATED.slice(before).map((stated) => ({ ...stated, file })))
}

/** `Law 7, A1-L6: what it says`: the number, the clauses, and what it says. */
const partsOf = (title: string): { readonly number: number; readonly clauses: string; readonly says: string } => {
  const [, number, clauses, says] = /^(?:Law (\d+)(?:, )?)?(.*?): (.*)$/.exec(title)!
  return { number: Number(number ?? Infinity), clauses: clauses!, says: says! }
}

const line = ({ title, subjects, controls, file }: Row): string => {
  const { number, clauses, says } = partsOf(title)
  const link = `[${file.split('/').at(-1)}](${file.startsWith('law/') ? file.slice(4) : `../${file}`})`
  const cells = [Number.isFinite(number) ? `${number}` : '', says, clauses, link, subjects.join(', '), controls.join('; ')]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const TEXT = `# The laws

What makes this model what it is, as properties: each holds for its subjects, whatever the configuration, weights, states
and inputs drawn, and is broken by each of its negative controls, which are wrong in one way. A law whose control does not
break it says nothing. A law takes its subject as an argument, so another engine, or another step, meets it by one more
entry. \`law\` in [laws.ts](laws.ts) states one; this list is made from what the tests state (\`npm run laws\`).

Laws 1 to 3: no derivative. 4 to 6: no unrolling. 7 and 8: locality, so layers may learn at once. 9 to 16: sanity.

| law | says | clauses | file | subjects | broken by |
|---|---|---|---|---|---|
${[...rows]
  .sort((a, b) => partsOf(a.title).number - partsOf(b.title).number)
  .map(line)
  .join('\n')}

Rivals meet laws 2, 5 and 6 in [rivals.test.ts](rivals.test.ts): RTRL, UORO, SnAp-1, RFLO, recurrent trace units, temporal
predictive coding and truncation to one step keep 5 and 6, and back-propagation over more steps breaks them. The long forms are \`*.slow.ts\` (\`npm run test:slow\`).
`

if (process.argv[2] === 'write') writeFileSync(fileURLToPath(new URL('law/README.md', TEST)), TEXT)
else process.stdout.write(`${TEXT}\f`)

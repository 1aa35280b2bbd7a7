/** Do the tests notice mistakes? `npm run test:mutants`; see --help. */

import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { MUTANTS, type Mutant } from './mutants.js'
import { makeCopy, misfit, removeCopy, tryMutant, type Catch } from './trial.js'

const HELP = `Usage: npm run test:mutants -- [options]

Puts one mistake after another into a copy of src and runs the tests on it. Each has to make a test fail.

  --only <id>  this mutant (may be given more than once); also a part of an id
  --list       the mutants, without running anything
  --help       this text

Exit status: 0 where every mutant is caught, 1 where one survives or where the tests fail without any, 2 after
an error.`

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const WORKERS = 2
const [GOOD, BAD, ERROR] = [0, 1, 2]

const say = (line: string): void => void process.stdout.write(`${line}\n`)

class Refused extends Error {}

interface Verdict {
  readonly mutant: Mutant
  readonly caught: Catch
}

const chosen = (only: readonly string[] | undefined): readonly Mutant[] => {
  if (!only) return MUTANTS
  const unknown = only.find((part) => !MUTANTS.some(({ id }) => id.includes(part)))
  if (unknown !== undefined) throw new Refused(`"--only" expected the id of a mutant, got "${unknown}"; --list shows all`)
  return MUTANTS.filter(({ id }) => only.some((part) => id === part) || only.some((part) => !isId(part) && id.includes(part)))
}

const isId = (text: string): boolean => MUTANTS.some(({ id }) => id === text)

const requireFit = async (mutants: readonly Mutant[]): Promise<void> => {
  const ids = mutants.map(({ id }) => id)
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) throw new Refused(`two mutants are called ${twice}`)
  for (const mutant of mutants) {
    const why = await misfit(ROOT, mutant)
    if (why !== undefined) throw new Refused(why)
  }
}

const shown = (seconds: number): string =>
  seconds < 60 ? `${Math.round(seconds)} s` : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`

/** One line that replaces itself; on a terminal only. */
const progress = (done: number, all: number, began: number): void => {
  if (!process.stdout.isTTY) return
  const left = done === 0 ? '' : `, about ${shown(((performance.now() - began) / 1000 / done) * (all - done))} left`
  process.stdout.write(`\r\x1b[K${done} of ${all}${left}`)
}

const clearLine = (): void => {
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
}

const report = ({ mutant: { id, equation, file }, caught }: Verdict): void => {
  clearLine()
  const name = `${id} (${equation}, ${file})`
  say(caught === undefined ? `SURVIVED  ${name}` : `${name} caught by ${caught}`)
}

/** Every mutant, by as many workers as there are copies. */
const tryAll = async (copies: readonly string[], mutants: readonly Mutant[], stop: AbortSignal): Promise<readonly Verdict[]> => {
  const began = performance.now()
  const verdicts: Verdict[] = []
  const waiting = [...mutants]
  const work = async (copy: string): Promise<void> => {
    for (let mutant = waiting.shift(); mutant && !stop.aborted; mutant = waiting.shift()) {
      const verdict = { mutant, caught: await tryMutant(copy, mutant, stop) }
      if (stop.aborted) return
      verdicts.push(verdict)
      report(verdict)
      progress(verdicts.length, mutants.length, began)
    }
  }
  progress(0, mutants.length, began)
  await Promise.all(copies.map(work))
  clearLine()
  return verdicts
}

const run = async (mutants: readonly Mutant[], stop: AbortSignal): Promise<number> => {
  const began = performance.now()
  const copies = await Promise.all(Array.from({ length: Math.min(WORKERS, mutants.length) }, () => makeCopy(ROOT)))
  try {
    const failure = await tryMutant(copies[0]!, undefined, stop)
    if (stop.aborted) return ERROR
    if (failure !== undefined) {
      say(`without any mutant the tests fail, by ${failure}; nothing was tried`)
      return BAD
    }
    const verdicts = await tryAll(copies, mutants, stop)
    if (stop.aborted) return ERROR
    const survivors = verdicts.filter(({ caught }) => caught === undefined).map(({ mutant }) => mutant.id)
    const time = shown((performance.now() - began) / 1000)
    const which = survivors.length > 0 ? ` (${survivors.join(', ')})` : ''
    const counts = `${mutants.length - survivors.length} caught, ${survivors.length} survived${which}`
    say(`${mutants.length} mutants, ${counts}, in ${time}; without a mutant all tests pass`)
    return survivors.length > 0 ? BAD : GOOD
  } finally {
    await Promise.all(copies.map(removeCopy))
  }
}

const main = async (): Promise<number> => {
  const options = { only: { type: 'string', multiple: true }, list: { type: 'boolean' }, help: { type: 'boolean' } } as const
  const { values } = parseArgs({ options })
  if (values.help) {
    say(HELP)
    return GOOD
  }
  const mutants = chosen(values.only)
  await requireFit(mutants)
  if (values.list) {
    for (const { id, equation, file } of mutants) say(`${id.padEnd(28)} ${equation.padEnd(14)} ${file}`)
    return GOOD
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  return run(mutants, stop.signal)
}

try {
  process.exitCode = await main()
} catch (error) {
  const { message } = error as Error
  process.stderr.write(`${message.split('\n')[0]}\n`)
  process.exitCode = ERROR
}

/**
 * How the kit meets the second set of wrong ports: `tsx test/tools/wrong-ports.ts [--fuzz N] [--part i/n] [TEXT ...]`.
 * Each port gets the published vectors and, where they find nothing, N random cases. Told of each class: how many were
 * found, how many were named right at first, and how many had another clause accused.
 */

import { parseArgs } from 'node:util'
import { localConnection } from '../../src/conform/port/connection.js'
import { meetings, type Meeting } from '../conform/wrong/meet.js'
import { WRONG_PORTS } from '../conform/wrong/index.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fuzz: { type: 'string', default: '200' },
    part: { type: 'string', default: '0/1' },
    seed: { type: 'string', default: '1' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const [part, parts] = values.part.split('/').map(Number) as [number, number]
const chosen = WRONG_PORTS.filter(({ id }) => positionals.length === 0 || positionals.some((text) => id.includes(text))).filter(
  (_, i) => i % parts === part,
)
const met: Meeting[] = []
for (const port of chosen) {
  const meeting = await meetings(port, localConnection(port.serve), Number(values.fuzz), Number(values.seed))
  met.push(meeting)
  process.stderr.write(`${met.length} of ${chosen.length}\r`)
  const verdict = !meeting.found ? 'PASSED' : meeting.named ? (meeting.falsely.length > 0 ? 'ACCUSES' : 'named') : 'MISNAMED'
  if (verdict !== 'named')
    say(
      `${verdict} ${port.kind} ${port.id}: wants ${port.named.slice(0, 4).join(' ')}; first ${meeting.first}; also ${meeting.falsely.join(' ')}`,
    )
}
for (const kind of new Set(chosen.map((port) => port.kind))) {
  const of = met.filter((_, i) => chosen[i]!.kind === kind)
  const count = (holds: (meeting: Meeting) => boolean): number => of.filter(holds).length
  say(
    `${kind}: ${of.length} ports, found ${count(({ found }) => found)}, named ${count(({ named }) => named)}, falsely ${count(({ falsely }) => falsely.length > 0)}`,
  )
}

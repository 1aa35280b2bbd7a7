/** A port that is right, and odd: `node odd-behaviour.mjs KIND`. It hands all lines to the port in JavaScript, and says its answers in its own way. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const kind = process.argv[2]
const path = fileURLToPath(new URL('../ports/javascript/port.mjs', import.meta.url))
const port = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] })

const pause = () => new Promise((resolve) => setTimeout(resolve, 1))
const WAYS = {
  'carriage returns': (answer) => process.stdout.write(`${answer}\r\n`),
  'noise on its standard error': (answer) => {
    process.stderr.write(`{"id":1,"ok":false} \u001b[31m${'noise '.repeat(2 ** 12)}\n`)
    process.stdout.write(`${answer}\n`)
  },
  'pieces of a line': async (answer) => {
    for (let at = 0; at < answer.length; at += 5000) {
      process.stdout.write(answer.slice(at, at + 5000))
      await pause()
    }
    process.stdout.write('\n')
  },
}

process.stdin.pipe(port.stdin)
for await (const answer of createInterface({ input: port.stdout })) await WAYS[kind](answer)
process.exitCode = port.exitCode ?? 0
process.stdin.destroy()

/**
 * A port as a child process: no shell, a process group of its own that is killed whole, bounded memory, and no way to
 * hang. [pr-lines]
 */

import { spawn, type ChildProcess } from 'node:child_process'
import { escaped, LIMITS, LOG_ELSEWHERE, type Connection, type Fault, type Limits, type Reply } from './connection.js'

/** The end of the standard error that is kept. */
const KEPT_STDERR = 64 * 1024
const NEWLINE = 10

/** What one child has said so far. */
interface Running {
  readonly child: ChildProcess
  /** whole lines that nobody has taken */
  readonly lines: string[]
  /** the beginning of a line whose end has not come */
  readonly open: () => string
  readonly stderr: () => string
  /** what ended it, or undefined while it lives */
  readonly fault: () => Fault | undefined
  /** called at the next line, and at the end */
  readonly onChange: (listener: () => void) => void
  readonly kill: () => void
}

const start = ([program, ...args]: readonly string[], lineBytes: number): Running => {
  const child = spawn(program!, args, { shell: false, detached: process.platform !== 'win32', stdio: ['pipe', 'pipe', 'pipe'] })
  const lines: string[] = []
  let pieces: Buffer[] = []
  let [held, errors] = [0, Buffer.alloc(0)]
  let fault: Fault | undefined
  let listener = (): void => {}
  const change = (): void => listener()
  const end = (reason: Fault): void => {
    fault ??= reason
    change()
  }
  /** What the port has started may live on, in a session of its own, and hold its pipes: nothing of it keeps the kit. */
  const letGo = (): void => {
    for (const stream of [child.stdin!, child.stdout!, child.stderr!]) stream.destroy()
    child.unref()
  }
  const kill = (): void => {
    try {
      if (process.platform === 'win32') child.kill('SIGKILL')
      else if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // the group is gone already
    }
  }
  const dismiss = (): void => {
    kill()
    letGo()
  }
  const take = (chunk: Buffer): void => {
    // the late words of a child that has been given up are never read
    if (fault) return
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      lines.push(Buffer.concat([...pieces, chunk.subarray(from, at)]).toString('utf8'))
      pieces = []
      held = 0
      from = at + 1
    }
    pieces.push(chunk.subarray(from))
    held += chunk.length - from
    if (held > lineBytes || lines.length > 1000) {
      dismiss()
      end({ kind: 'too much output', what: `a line of more than ${lineBytes} bytes, or more than 1000 lines for one request` })
      pieces = []
      return
    }
    change()
  }
  child.stdout!.on('data', take)
  child.stderr!.on('data', (chunk: Buffer) => {
    const all = Buffer.concat([errors, chunk])
    errors = Buffer.from(all.subarray(Math.max(0, all.length - KEPT_STDERR)))
  })
  child.stdin!.on('error', () => {}) // a child that is gone is noticed by its end
  child.on('error', (error: NodeJS.ErrnoException) => end({ kind: 'not started', what: `${error.code ?? error.message}` }))
  child.on('exit', (status, signal) => {
    kill()
    const what = signal ? `ended by ${signal}` : `ended with status ${status}`
    // what it wrote just before may still be on its way
    setTimeout(() => {
      end({ kind: 'crashed', what })
      letGo()
    }, 30)
  })
  return {
    child,
    lines,
    kill: dismiss,
    open: () => Buffer.concat(pieces).toString('utf8'),
    stderr: () => errors.toString('utf8'),
    fault: () => fault,
    onChange: (next) => void (listener = next),
  }
}

/** Waits for a line or an end, at most so long. */
const waitFor = (running: Running, ms: number): Promise<string | Fault> =>
  new Promise((resolve) => {
    const done = (value: string | Fault): void => {
      clearTimeout(timer)
      running.onChange(() => {})
      resolve(value)
    }
    const look = (): void => {
      if (running.lines.length > 0) return done(running.lines.shift()!)
      const fault = running.fault()
      if (fault) done(fault)
    }
    const timer = setTimeout(() => {
      const open = running.open()
      const flushed = 'each answer ends with a newline, and stdout has to be flushed after it'
      done({
        kind: 'timeout',
        what: `no answer within ${ms} ms${open ? `, but the beginning of a line: ${escaped(open)}` : ''}`,
        hint: open ? flushed : `if the port has answered: ${flushed}`,
      })
    }, ms)
    running.onChange(look)
    look()
  })

/** A port that is run by a command. Nothing starts before the first request. */
export const processConnection = (command: readonly string[], limits: Limits = LIMITS): Connection => {
  let running: Running | undefined
  let starts = 0
  const abandon = (fault: Fault): Reply => {
    const stderr = running?.stderr()
    running?.kill()
    running = undefined
    return { fault: { ...fault, ...(stderr && { stderr }) } }
  }
  const unasked = (lines: readonly string[], answered: boolean): Fault =>
    answered && lines.some((line) => /^\s*\{.*"id"/.test(line))
      ? { kind: 'nondeterministic', what: `two answers to one request: ${escaped(lines[0]!)}` }
      : { kind: 'protocol', what: `a line that nobody asked for: ${escaped(lines[0]!)}`, hint: LOG_ELSEWHERE }
  const ask = async (line: string): Promise<Reply> => {
    const fresh = running === undefined || running.fault() !== undefined
    if (fresh) {
      if (starts > limits.restarts) return { fault: { kind: 'not started', what: `given up after ${limits.restarts} restarts` } }
      starts++
      running = start(command, limits.lineBytes)
    }
    const child = running!
    if (child.lines.length > 0) return abandon(unasked(child.lines, true))
    child.child.stdin!.write(`${line}\n`)
    const answer = await waitFor(child, fresh ? limits.startMs : limits.requestMs)
    if (typeof answer !== 'string') return abandon(answer)
    if (child.lines.length > 0)
      return abandon(unasked([answer, ...child.lines].slice(/^\s*\{/.test(answer) ? 1 : 0), /^\s*\{/.test(answer)))
    return { line: answer }
  }
  const close = async (): Promise<Fault | undefined> => {
    const child = running
    if (!child || child.fault()) return undefined
    if (child.lines.length > 0) return (abandon(unasked(child.lines, true)) as { fault: Fault }).fault
    child.child.stdin!.end(`${JSON.stringify({ op: 'bye' })}\n`)
    const last = await waitFor(child, limits.byeMs)
    running = undefined
    child.kill()
    if (typeof last === 'string') return unasked([last], true)
    if (last.kind === 'timeout')
      return {
        kind: 'timeout',
        what: `still there ${limits.byeMs} ms after bye`,
        hint: 'end with status 0 at bye, or at the end of stdin',
      }
    return last.what === 'ended with status 0' ? undefined : last
  }
  const drop = (): void => {
    running?.kill()
    running = undefined
  }
  return { ask, drop, close }
}

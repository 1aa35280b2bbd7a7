/** A port as the kit sees it: a line goes out, a line comes back, or what went wrong. */

import { show } from '../errors.js'

export type FaultKind = 'crashed' | 'timeout' | 'protocol' | 'too much output' | 'nondeterministic' | 'not started'

/** What a port did in place of answering. */
export interface Fault {
  readonly kind: FaultKind
  readonly what: string
  readonly hint?: string
  /** the last that it wrote to its standard error */
  readonly stderr?: string
}

export type Reply = { readonly line: string } | { readonly fault: Fault }

export interface Connection {
  /** One answer to one line; a port that has died is started again. Never rejects. */
  readonly ask: (line: string) => Promise<Reply>
  /** Gives up a port that has lost the thread: its late words are not read, and the next request starts it anew. */
  readonly drop: () => void
  /** Says `bye`, and waits for the port to end. */
  readonly close: () => Promise<Fault | undefined>
}

export interface Limits {
  /** until the answer to the first request */
  readonly startMs: number
  readonly requestMs: number
  readonly byeMs: number
  readonly restarts: number
  /** of one line */
  readonly lineBytes: number
}

export const LIMITS: Limits = { startMs: 30_000, requestMs: 5_000, byeMs: 2_000, restarts: 5, lineBytes: 8 * 2 ** 20 }

/** A port within this process: for tests, and for the reference itself. */
export const localConnection = (serve: (line: string) => string | undefined): Connection => ({
  ask: async (line) => {
    try {
      const answer = serve(line)
      return answer === undefined ? { fault: { kind: 'timeout', what: 'no answer' } } : { line: answer }
    } catch (error) {
      return { fault: { kind: 'crashed', what: (error as Error).message } }
    }
  },
  drop: () => {},
  close: async () => undefined,
})

const SHOWN_BYTES = 200

/** The first 200 bytes, with everything unprintable escaped. */
export const escaped = (bytes: string): string =>
  JSON.stringify(bytes.slice(0, SHOWN_BYTES)).replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** A fault about a line that is no answer. */
export const notAnAnswer = (line: string, why: string): Fault => ({
  kind: 'protocol',
  what: `${why}: ${escaped(line)}`,
  ...(!line.startsWith('{') && { hint: 'standard output is for answers alone; log to stderr' }),
})

export const commandText = (command: readonly string[]): string =>
  command.map((part) => (/^[\w./:=@%+,-]+$/.test(part) ? part : show(part))).join(' ')

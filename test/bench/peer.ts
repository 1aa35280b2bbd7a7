/**
 * A peer is a process that reads one JSON object a line and answers each with one:
 *
 *     {"cmd": "about"}                                           -> {"library", "backend", "threads", ...}
 *     {"cmd": "load", config, rows, weights, inputs, layout}     -> {}; tensors as {"rows", "cols", "data": base64}
 *     {"cmd": "check", "steps": T}                               -> {"weights": [{"name", "data"}]}
 *     {"cmd": "time", "steps": T}                                -> {"milliseconds"}
 *
 * check and time begin at the loaded weights and a cleared state, do the steps before `learnFrom`, which are not timed,
 * and then T steps that learn. It ends when its input does.
 */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

import { mismatch, PtncnError } from '../../src/errors.js'
import type { Matrix } from '../../src/numeric/matrix.js'
import { namesOf, type Weights } from '../../src/ptncn/weights.js'
import type { Network } from './cases.js'
import type { Agreement } from './results.js'

export interface PeerCommand {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** how it is to compute; each peer knows its own */
  readonly layout: string
  readonly threads: number
  readonly note?: string
}

type Answer = Readonly<Record<string, unknown>>

export interface Peer {
  readonly ask: (request: Answer) => Promise<Answer>
  readonly close: () => void
}

const LONGEST_COMPLAINT = 4000

export const startPeer = ({ name, command, args }: PeerCommand): Peer => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaints = ''
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined
  let ended = false
  const fail = (reason: string): void => {
    ended = true
    waiting?.reject(new PtncnError('FileError', `the peer ${name} ended: ${reason}`, reason))
  }
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = (complaints + text).slice(-LONGEST_COMPLAINT)))
  child.on('error', (error) => fail(error.message))
  child.on('close', () => fail(lastLine(complaints) || 'without a word'))
  child.stdin.on('error', () => {})
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) waiting?.resolve(JSON.parse(line) as Answer)
  })
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        if (ended) fail(lastLine(complaints) || 'before it was asked')
        else child.stdin.write(`${JSON.stringify(request)}\n`)
      }),
    close: () => void child.stdin.end(),
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? ''

const base64 = ({ data }: Matrix): string => {
  const copy = Float32Array.from(data)
  return Buffer.from(copy.buffer, copy.byteOffset, copy.byteLength).toString('base64')
}

const tensor = (matrix: Matrix) => ({ rows: matrix.rows, cols: matrix.cols, data: base64(matrix) })

const listed = (weights: Weights): { name: string; matrix: Matrix }[] =>
  weights.flatMap((layer, i) => namesOf(layer).map((name) => ({ name: `${name}_${i + 1}`, matrix: layer[name]! })))

/** Sends a network; `tune` lets the peer find its own fastest way. */
export const loadPeer = (peer: Peer, network: Network, layout: string, tune: boolean): Promise<Answer> =>
  peer.ask({
    cmd: 'load',
    layout,
    tune,
    config: network.config,
    rows: network.rows,
    weights: listed(network.snapshot.weights).map(({ name, matrix }) => ({ name, ...tensor(matrix) })),
    inputs: network.inputs.map(({ x }) => tensor(x)),
  })

export const timePeer = async (peer: Peer, steps: number): Promise<number> => {
  const { milliseconds } = await peer.ask({ cmd: 'time', steps })
  return milliseconds as number
}

/** How far the peer's weights are from `expected`, ours after the same steps. */
export const agreementOf = async (peer: Peer, network: Network, steps: number, expected: Weights): Promise<Agreement> => {
  const { weights } = await peer.ask({ cmd: 'check', steps })
  const theirs = new Map((weights as { name: string; data: string }[]).map(({ name, data }) => [name, floats(data)]))
  const initial = listed(network.snapshot.weights)
  const parts = listed(expected).map(({ name, matrix }, i) =>
    compare(name, Float32Array.from(initial[i]!.matrix.data), Float32Array.from(matrix.data), theirs.get(name)),
  )
  return { weights: Math.max(...parts.map((part) => part.weights)), change: Math.max(...parts.map((part) => part.change)) }
}

const floats = (data: string): Float32Array => {
  const bytes = Buffer.from(data, 'base64')
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
}

const compare = (name: string, before: Float32Array, ours: Float32Array, theirs: Float32Array | undefined): Agreement => {
  if (theirs?.length !== ours.length) throw mismatch('ShapeError', `${name} of a peer`, `${ours.length} numbers`, theirs?.length)
  let [largest, worst, changed, apart] = [0, 0, 0, 0]
  for (let i = 0; i < ours.length; i++) {
    const difference = theirs[i]! - ours[i]!
    // written so that a NaN stays
    worst = Math.abs(difference) <= worst ? worst : Math.abs(difference)
    largest = Math.max(largest, Math.abs(ours[i]!))
    apart += difference * difference
    changed += (ours[i]! - before[i]!) ** 2
  }
  return { weights: worst / largest, change: changed === 0 && apart === 0 ? 0 : Math.sqrt(apart / changed) }
}

/** The difference that rounding may make; of the change more, as weights are only kept to their own last digit. */
export const ALLOWED: Agreement = { weights: 1e-4, change: 1e-2 }

/** @throws DivergenceError where a peer does not compute the same step */
export const requireAgreement = (name: string, found: Agreement): void => {
  for (const of of ['weights', 'change'] as const) {
    if (found[of] <= ALLOWED[of]) continue
    const expected = `our ${of} to a relative ${ALLOWED[of]}`
    throw mismatch('DivergenceError', `the step of ${name}`, expected, found[of], 'it is not timed')
  }
}

/** Runs one probe for the asked time whenever it is told to, and answers with its speed in 10^9 a second. */

import { parentPort, workerData } from 'node:worker_threads'

const { module, kind, bytes, operations, moved, block } = workerData
const PAGE = 65536
const pages = kind === 'peak' ? 1 : Math.ceil((2 * bytes) / PAGE) + 1
const memory = new WebAssembly.Memory({ initial: pages })
const { peak, update } = new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } }).exports

const blocks = Math.floor(bytes / 2 / block)
const ROUNDS = 100_000
// how much one turn of the loop does, in operations or in bytes
const [turn, amount] =
  kind === 'peak' ? [() => peak(ROUNDS), ROUNDS * operations] : [() => update(0, blocks * block, blocks), blocks * moved]

new Float32Array(memory.buffer).fill(1)
turn()

parentPort.on('message', (milliseconds) => {
  const begin = performance.now()
  let turns = 0
  while (performance.now() - begin < milliseconds) {
    turn()
    turns++
  }
  parentPort.postMessage((turns * amount) / (performance.now() - begin) / 1e6)
})
parentPort.postMessage('ready')

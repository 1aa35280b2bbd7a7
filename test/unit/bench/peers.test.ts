/**
 * Each peer against the reference engine, where its packages are installed: PTNCN_PEERS names the folder that
 * `tsx test/bench/peers/setup.ts FOLDER` has filled.
 */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { referenceEngine } from '../../../src/engine/reference.js'
import { map } from '../../../src/numeric/matrix.js'
import { mapWeights } from '../../../src/ptncn/weights.js'
import { inputsOf, network, type Network } from '../../bench/cases.js'
import { agreementOf, loadPeer, startPeer, timePeer, type PeerCommand } from '../../bench/peer.js'
import { installPeers } from '../../bench/peers/setup.js'

const folder = process.env.PTNCN_PEERS
const found: { readonly peers: readonly PeerCommand[] } = folder ? await installPeers(folder) : { peers: [] }
const skip = found.peers.length === 0 && 'PTNCN_PEERS names no folder with the peers: see test/bench/peers/setup.ts'

const STEPS = 3
const NETWORKS = [
  { units: [49, 16, 16], rows: 50, output: 'softmax' },
  { units: [49, 16, 12], rows: 1, output: 'softmax' },
  { units: [30, 16, 16], rows: 50, output: 'sigmoid' },
  { units: [30, 12, 16], rows: 1, output: 'sigmoid' },
  { units: [9, 8, 7, 6], rows: 5, output: 'softmax' },
  { units: [7, 5], rows: 3, output: 'sigmoid' },
] as const

/** Weights large enough for signals to reach the top of so small a network: else its changes drown in rounding. */
const lively = (of: Network): Network => ({
  ...of,
  snapshot: { ...of.snapshot, weights: mapWeights((w) => map((value) => 8 * value, w), of.snapshot.weights) },
})

test("the step of every peer is the reference engine's, to rounding", { skip }, async (t) => {
  for (const command of found.peers) {
    const peer = startPeer(command)
    after(peer.close)
    for (const size of NETWORKS) {
      await t.test(`${command.name}: ${size.units.join('-')}, B = ${size.rows}, ${size.output}`, async (t) => {
        const of = lively(network(size))
        const inputs = inputsOf(of, of.config.learnFrom + STEPS)
        const { snapshot } = await referenceEngine(of.config).train(of.snapshot, [{ inputs }])
        await loadPeer(peer, of, command.layout, false)
        // timed first, as the benchmark may: a check begins at the loaded weights all the same
        assert.ok((await timePeer(peer, STEPS)) > 0)
        const { weights, change } = await agreementOf(peer, of, STEPS, snapshot.weights)
        t.diagnostic(`${weights.toExponential(1)} of the largest weight, ${change.toExponential(1)} of the change`)
        assert.ok(weights <= 1e-6, `weights differ by ${weights}`)
        assert.ok(change <= 1e-3, `changes differ by ${change}`)
      })
    }
  }
})

test('a peer that cannot start is one clear error', async () => {
  const command = { name: 'nobody', command: 'no-such-program', args: [], layout: '', threads: 1 }
  await assert.rejects(startPeer(command).ask({ cmd: 'about' }), { message: /the peer nobody ended: .*ENOENT/ })
  const crashing = { ...command, name: 'crashing', command: process.execPath, args: ['-e', 'throw new Error("at once")'] }
  await assert.rejects(startPeer(crashing).ask({ cmd: 'about' }), { message: /the peer crashing ended/ })
})

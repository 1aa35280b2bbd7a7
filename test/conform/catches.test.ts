/** What a vector's `why` says, it catches: each of these alone catches the mistake beside it, which older ones let pass. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { localConnection } from '../../src/conform/port/connection.js'
import { CAPS } from '../../src/conform/reference.js'
import { newTally, runCases } from '../../src/conform/session.js'
import { publishedCases } from '../../src/conform/vectors.js'
import { WRONG_PORTS } from './wrong/index.js'

const cases = publishedCases()

/** Whether a vector catches a wrong port. */
const catches = async (vector: string, port: string): Promise<boolean> => {
  const [one, wrong] = [cases.find(({ id }) => id === vector), WRONG_PORTS.find(({ id }) => id === port)]
  assert.ok(one && wrong, `${vector}, ${port}`)
  const tally = newTally()
  await runCases(localConnection(wrong.serve), CAPS, [one], { level: 'bit', now: () => 0, until: 1 }, tally)
  return tally.results[0]!.status === 'fail'
}

/** The vector, the mistakes that it catches, and those with the mark `weak` that do not. */
const TABLE: readonly (readonly [vector: string, ports: string, weak?: string])[] = [
  ['clip-twice-gamma-1.75', 'L2-clipped-twice gamma-at-most-1', 'clip-twice'],
  ['clip-twice-gamma--2.5', 'L2-clipped-twice', 'clip-twice'],
  ['passes-learn-error-transposed', 'L1-e-of-the-last-pass L6-e-of-the-last-pass', 'correct-passes-2'],
  ['passes-learn-correction-transposed', 'L1-e-of-the-last-pass', 'correct-passes-3'],
  ['passes-learn-error-temporal', 'L2-e-of-the-last-pass', 'correct-passes-3'],
  ['mask-000-goes-on', 'C2-all-padding-skipped'],
  ['lambda-sign-of-drive-0.125', 'C2-lambda-before-alpha'],
  ['lambda-sign-of-drive--0.3', 'C2-lambda-of-z', 'correct-lambda-0.125'],
  ['window-before-mask', 'C4-window-after-mask'],
  ['score-sigmoid-terms-rounded', 'S2-terms-not-rounded'],
  ['score-ties-of-input', 'S4-last-of-equals'],
  ['project-edge-3', 'O4-just-above-left'],
  ['begin-key-zero', 'key-00-of-a-beginning-ignored key-low-word-0-ignored', 'sequence-begin-later'],
  ['key-zero', 'key-00-is-another'],
  ['begin-other-rows', 'rows-of-the-request-alone more-rows-than-before-refused', 'sequence-begin-later'],
  ['mask-minus-zero-counted', 'O2-mask-minus-0-active S-mask-minus-0-active'],
  ['moments-powers-later', 'power-begins-at-1-again'],
  ['learn-subnormal-biases', 'L6-flushed'],
  ['saturate-p1-logits', 'stops-at-P1-logits'],
  ['saturate-c2', 'stops-at-C2-feedback'],
  ['invalid-weights-unknown', 'accepts-unknown-weights'],
  ['sum-ends-without-learning', 'equation-sum-at-the-end-refused'],
  ['stochastic-u-equal', 'u-equal-fires u-of-23-bits'],
  ['stochastic-u-24-bits', 'u-of-32-bits u-rounded-from-32-bits'],
  ['exp-halfway-sigmoid', 'unit-sigmoid-halves-away'],
  ['wide-input-257', 'A1-terms-lost-beyond-256 A1-halves-beyond-128 C2-fused-beyond-20'],
  ['wide-input-33', 'A1-fused-beyond-20 A1-lanes-4-beyond-20 C2-lanes-8-beyond-32'],
  ['wide-input-65', 'C2-terms-lost-beyond-64 A1-terms-lost-beyond-64'],
  ['wide-rows-33', 'L1-terms-lost-beyond-16 L3-lanes-8-beyond-16 L6-lanes-beyond-8-rows O2-beyond-16-rows'],
  ['wide-hidden-33', 'P1-fused-beyond-20 P1-lanes-4-beyond-20'],
  ['wide-hidden-65', 'P1-terms-lost-beyond-64 P1-blocks-of-32'],
  ['wide-hidden-131', 'P1-halves-beyond-128 P1-blocks-of-64 A1-blocks-of-64'],
  ['wide-hidden-259', 'P1-terms-lost-beyond-256'],
  ['invalid-digits-capital', 'accepts-capital-digits'],
  ['invalid-run-beyond-time', 'accepts-t-beyond-in-a-run'],
  ['invalid-state-without-x', 'accepts-state-missing'],
  ['wide-own-19', 'L4-tail-beyond-16-columns O3-tail-beyond-16-columns'],
  ['wide-learning-29', 'O4-norm-of-16-columns'],
  ['wide-lanes-softmax', 'P1-softmax-8-lanes-beyond-16'],
  ['wide-stochastic', 'A2-draws-of-row-modulo-8 A2-draws-of-units-beyond-32'],
  ['wide-layers-10', 'A1-from-layer-5 L5-from-layer-8 P1-from-level-7 O3-from-layer-5'],
  ['wide-passes-9', 'P1-from-pass-7 C3-from-pass-7'],
  ['wide-steps-12', 'run-of-9-steps'],
  ['wide-time-4294967295', 'carry-t-uint32 carry-t-int32'],
  ['wide-time-16777217', 'A2-counter-binary32'],
  ['wide-learn-from-2147483648-before', 'learn-from-int32'],
  ['wide-learn-from-100000-before', 'learn-from-at-most-65535'],
  ['numbers-momentum-negative-rate', 'momentum-never-negative rate-never-negative'],
  ['numbers-sgd-large', 'rate-above-1'],
  ['numbers-adam-epsilon-0', 'epsilon-0-is-the-default'],
  ['numbers-gamma-1.2345678-transposed', 'gamma-at-most-1 gamma-short'],
  ['numbers-settling-1.8765432', 'alpha-at-most-1 beta-at-most-1'],
  ['numbers-small-limits', 'clip-small-is-off max-norm-small-is-off'],
  ['numbers-window-decay', 'weight-decay-at-most-half'],
  ['numbers-window', 'window-short'],
  ['overflow-c1', 'goes-on-after-C1'],
  ['overflow-c4', 'goes-on-after-C4 C4-named-L1'],
  ['function-exp-ends', 'function-exp-subnormals-flushed'],
  ['function-log', 'function-log-subnormals-lost function-log-negative-is-infinite'],
  ['function-tanh', 'function-tanh-minus-zero-lost'],
  ['function-softmax-lanes', 'function-softmax-in-binary64'],
  ['function-philox-ones', 'function-philox-signed'],
  ['function-philox-order', 'function-philox-key-words-swapped function-philox-counter-reversed'],
  ['function-key-9007199254740991', 'function-key-seed-of-32-bits function-key-swapped'],
  ['function-split-beyond', 'function-split-index-of-32-bits'],
  ['function-word-17179869190', 'function-word-index-of-32-bits function-word-order-in-block'],
  ['function-below-10', 'function-below-by-remainder'],
  ['function-normal', 'function-normal-half-a-step-left-out function-normal-tail-sign'],
  ['init-2-layers', 'init-E-and-M-swapped init-names-from-0'],
  ['init-3-layers-biases', 'init-biases-drawn'],
  ['init-seed-beyond', 'init-seed-of-32-bits'],
  ['init-transposed', 'init-E-drawn-always'],
  ['init-deviation', 'init-deviation-is-the-default'],
  ['checkpoint-closed', 'checkpoint-M-and-V-swapped checkpoint-shapes-turned'],
  ['checkpoint-open', 'checkpoint-time-of-32-bits checkpoint-y-and-z-swapped checkpoint-state-lost'],
  ['checkpoint-adam-biases', 'checkpoint-moments-swapped checkpoint-powers-are-1'],
  ['checkpoint-fields', 'checkpoint-rate-short checkpoint-alpha-subnormal-lost'],
  ['checkpoint-later', 'checkpoint-later-fields-lost'],
  ['checkpoint-bits', 'checkpoint-subnormals-flushed'],
  ['checkpoint-file-longer', 'checkpoint-accepts-file-longer'],
]

for (const [vector, ports, weak] of TABLE) {
  test(`[pr-vectors] ${vector} catches ${ports}${weak ? `, which ${weak} lets pass` : ''}`, async () => {
    for (const port of ports.split(' ')) {
      assert.ok(await catches(vector, port), port)
      if (weak) assert.equal(await catches(weak, port), false, `${weak} catches ${port}`)
    }
    if (weak) assert.ok(cases.find(({ id }) => id === weak)!.flags.includes('weak'))
  })
}

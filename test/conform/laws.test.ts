/** The laws from outside: the reference keeps them, and for each there is a port that breaks it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lawsOf, lawsText, OUTSIDE_LAWS } from '../../src/conform/laws.js'
import { localConnection } from '../../src/conform/port/connection.js'
import { CAPS, serveLine } from '../../src/conform/reference.js'
import { bits, float, inputsOf, mapBits, stepsOf } from './wrong/port.js'

type Body = Record<string, any>

/** The reference, asked something else, or its answer changed; what is kept between requests is the mistake. */
const between = (ask: (request: Body) => Body, answer: (answer: Body, request: Body) => Body = (one) => one) =>
  localConnection((line) => {
    const request = JSON.parse(line) as Body
    const said = JSON.parse(serveLine(JSON.stringify(ask(structuredClone(request))))!) as Body
    return JSON.stringify({ ...(said['ok'] === true ? answer(said, request) : said), id: request['id'] })
  })

const nudged = (tensor: { s: number[]; x: string }, by = 1.01) => mapBits(tensor, (hex) => bits(float(hex) * by + 0.01))

let asked = 0

const BREAKING: Readonly<Record<string, ReturnType<typeof localConnection>>> = {
  flat: between(
    (request) => request,
    (answer, request) => {
      if (request['config'].activation === 'sign')
        for (const step of stepsOf(answer, request)) step['out'] = mapBits(step['out'], () => '7fc00000')
      return answer
    },
  ),
  memory: between(
    (request) => request,
    (answer, request) => {
      if (++asked % 3 === 0) for (const step of stepsOf(answer, request)) step['out'] = nudged(step['out'])
      return answer
    },
  ),
  resume: between(
    (request) => request,
    (answer, request) => {
      if (request['op'] === 'run' && answer['steps'].length > 1) answer['steps'].at(-1).out = nudged(answer['steps'].at(-1).out)
      return answer
    },
  ),
  blind: between(
    (request) => request,
    (answer, request) => {
      stepsOf(answer, request).forEach((step, i) => {
        const shift = float(inputsOf(request)[i]!['x'].x.slice(0, 8))
        step['out'] = nudged(step['out'], 1 + shift / 16)
      })
      return answer
    },
  ),
  padding: between((request) => {
    for (const input of inputsOf(request)) input['mask'] = mapBits(input['mask'], () => '3f800000')
    return request
  }),
  still: between(
    (request) => request,
    (answer, request) => {
      if (request['train']) for (const step of stepsOf(answer, request)) step['weights']['M_1'] = nudged(step['weights']['M_1'])
      return answer
    },
  ),
  rows: between(
    (request) => request,
    (answer, request) => {
      for (const step of stepsOf(answer, request))
        step['out'].x = bits(float(step['out'].x.slice(0, 8)) + 0.25) + step['out'].x.slice(8)
      return answer
    },
  ),
}

test('the reference keeps every law that a port can show', async () => {
  const findings = await lawsOf(localConnection(serveLine), CAPS, 1)
  assert.deepEqual(
    findings.filter(({ broken, tried }) => broken !== undefined || tried === 0),
    [],
  )
  assert.equal(findings.length, OUTSIDE_LAWS.length)
  assert.match(lawsText(findings), /^holds {3}memory: /m)
})

for (const { name } of OUTSIDE_LAWS) {
  test(`a port that breaks the law "${name}" is told so`, async () => {
    const findings = await lawsOf(BREAKING[name]!, CAPS, 1)
    assert.ok(findings.find(({ law }) => law === name)!.broken, lawsText(findings))
  })
}

test('what a port cannot show is unseen, and accuses it of nothing', async () => {
  const caps = { ...CAPS, ops: ['step'], activations: ['tanh'] }
  const findings = await lawsOf(localConnection(serveLine), caps, 1)
  assert.deepEqual(
    findings.filter(({ tried }) => tried === 0).map(({ law }) => law),
    ['flat', 'resume'],
  )
  assert.ok(findings.every(({ broken }) => broken === undefined))
  assert.match(lawsText(findings), /^unseen {2}resume: /m)
})

/** The switches of a network, and what its activity has of its own. */

import { profiles } from '../../ptncn/config.js'
import type { View } from '../bench.js'
import { lesionOf, LETTERS, UNITS, type Setup } from '../setup.js'
import { inkBoard, waveBoard } from './drawing.js'
import { h } from './dom.js'
import { button, labelled, options, valueOf } from './fields.js'

/** What a switch can do: begin anew, or go on with the same network. */
export interface Switching {
  readonly open: (setup: Setup) => void
  readonly change: (change: Partial<Setup>) => void
}

const correction = ({ config }: View, { change }: Switching): HTMLElement => {
  const slider = h('input', {
    type: 'range',
    min: '0',
    max: '1',
    step: '0.05',
    value: String(config.beta),
    'aria-label': 'beta',
    oninput: (event: Event) => change({ beta: Number(valueOf(event)) }),
  })
  return h(
    'div',
    { class: 'field' },
    h('span', {}, 'correction, beta'),
    h(
      'span',
      { class: 'joined' },
      slider,
      h('output', {}, Number(config.beta.toPrecision(3)).toString()),
      button(
        config.beta === 0 ? 'on' : 'off',
        () => change({ beta: config.beta === 0 ? undefined : 0 }),
        'quiet',
        `switch the correction ${config.beta === 0 ? 'on' : 'off'}`,
      ),
    ),
  )
}

const PASSES = [1, 2, 3, 5, 10, 20] as const

const passes = ({ config }: View, { change }: Switching): HTMLElement => {
  const all = [...new Set([...PASSES, config.passes])].sort((a, b) => a - b).map(String)
  const select = h(
    'select',
    { onchange: (event: Event) => change({ passes: Number(valueOf(event)) }) },
    ...options(all, String(config.passes)),
  )
  return labelled('passes', select)
}

const lesions = ({ setup }: View, { change }: Switching): HTMLElement => {
  const cutter = (letter: string): HTMLElement => {
    const isCut = setup.lesion.includes(letter)
    const said = isCut ? `${letter} was cut; "Start again" begins with all of it` : `cut ${letter}: set its weights to 0`
    const made = button(
      `${isCut ? '\u2702 ' : ''}cut ${letter}`,
      () => change({ lesion: lesionOf(setup.lesion + letter) }),
      'quiet',
      said,
    )
    made.disabled = isCut
    made.setAttribute('aria-pressed', String(isCut))
    return made
  }
  return h('div', { class: 'field' }, h('span', {}, 'lesion'), h('span', { class: 'joined' }, ...[...'MVU'].map(cutter)))
}

const again = ({ course }: View, { open }: Switching): HTMLElement =>
  button(
    'Start again',
    () => open({ ...course.first, lesion: '' }),
    'quiet',
    'start again: new weights, and the switches as they were at first',
  )

/** Digits, which it learns, or a letter, which it has never seen. */
const bouncer = ({ setup }: View, { change }: Switching): HTMLElement =>
  labelled(
    'what bounces',
    h(
      'select',
      { onchange: (event: Event) => change({ letter: valueOf(event) }) },
      ...options(['', ...LETTERS], setup.letter, (name) => (name === '' ? 'two digits' : `the letter ${name}`)),
    ),
  )

const MOST_SEED = 999_999

let unfolded = false

/** Switches that are turned seldom, folded so that the network has the room; they stay as they were left. */
const folded = (fields: readonly HTMLElement[]): HTMLElement => {
  const details: HTMLDetailsElement = h(
    'details',
    { class: 'more', open: unfolded, ontoggle: () => (unfolded = details.open) },
    h('summary', {}, 'Profile, size, seed, lesions'),
    h('div', { class: 'switches' }, ...fields),
  )
  return details
}

const sizes = (units: number): readonly string[] =>
  [...new Set([8, 16, 24, 32, 64, 256, units])].sort((a, b) => a - b).map(String)

/** What makes another network, or another stream of inputs. */
const beginnings = ({ setup }: View, { open }: Switching): readonly HTMLElement[] => {
  const profile = h(
    'select',
    { onchange: (event: Event) => open({ ...setup, profile: valueOf(event) as Setup['profile'] }) },
    ...options(
      Object.keys(profiles).filter((name) => name !== 'tuned'),
      setup.profile,
    ),
  )
  const units = h(
    'select',
    { onchange: (event: Event) => open({ ...setup, units: Number(valueOf(event)) }) },
    ...options(sizes(setup.units), String(setup.units)),
  )
  const seed = h('input', {
    type: 'number',
    min: '0',
    max: String(MOST_SEED),
    value: String(setup.seed),
    onchange: (event: Event) =>
      open({ ...setup, seed: Math.min(MOST_SEED, Math.max(0, Math.floor(Number(valueOf(event)) || 0))) }),
  })
  const side = h(
    'select',
    { onchange: (event: Event) => open({ ...setup, side: Number(valueOf(event)) }) },
    ...options(['16', '32'], String(setup.side), (name) => `${name} \u00d7 ${name}`),
  )
  const frames = setup.do === 'bounce' || setup.do === 'draw'
  return [
    labelled('profile', profile),
    labelled('units a layer', units),
    ...(frames ? [labelled('frame', side)] : []),
    labelled('seed', seed),
  ]
}

/** Switches of the network, which keep it, and of the activity, which begin anew. */
export const switches = (view: View, switching: Switching): readonly HTMLElement[] => {
  const { setup, source } = view
  const { change } = switching
  const learns = h('input', {
    type: 'checkbox',
    checked: setup.learn,
    onchange: (event: Event) => change({ learn: (event.target as HTMLInputElement).checked }),
  })
  const f = h(
    'select',
    { onchange: (event: Event) => change({ f: valueOf(event) as Setup['f'] }) },
    ...options(UNITS, setup.f, (name) => (name === 'table' ? 'a random table' : name)),
  )
  const always = [
    correction(view, switching),
    passes(view, switching),
    h('label', { class: 'field check' }, learns, h('span', {}, 'weights learn')),
  ]
  if (source === undefined) return always
  const shown = setup.do === 'bounce' ? [bouncer(view, switching)] : []
  const more = [...beginnings(view, switching), lesions(view, switching), again(view, switching)]
  return [...always, labelled('f', f), ...shown, folded(more)]
}

/** What an activity has of its own: a board, a text. It stays while switches are turned: `now` is the setup by then. */
export const own = ({ setup }: View, { open }: Switching, now: () => Setup): HTMLElement | undefined => {
  if (setup.do === 'draw') return inkBoard(setup.ink, (ink) => open({ ...now(), ink }))
  if (setup.do === 'wave') return waveBoard(setup.wave, (wave) => open({ ...now(), wave }))
  if (setup.do !== 'text') return undefined
  const text = h('textarea', {
    rows: '2',
    maxlength: '400',
    spellcheck: 'false',
    onchange: (event: Event) => open({ ...now(), text: valueOf(event) }),
  })
  text.value = setup.text
  return labelled('the text, over and over', text)
}

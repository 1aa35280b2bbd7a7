/** What can be done with the network: the activity, the switches, and the ways forward and back. */

import { profiles } from '../../ptncn/config.js'
import type { Bench, Stride, View } from '../bench.js'
import { KINDS, setupFor, UNITS, type Kind, type Setup } from '../setup.js'
import { inkBoard, waveBoard } from './drawing.js'
import { h, symbolOf } from './dom.js'

const NAMES: Readonly<Record<Kind, string>> = {
  example: 'The worked example',
  bounce: 'Two digits bounce',
  draw: 'Your drawing bounces',
  text: 'A text you type',
  wave: 'A wave you draw',
  reber: 'The Reber machine',
  rhythm: 'A rhythm',
  file: 'A vector file',
}

export interface Actions {
  readonly open: (setup: Setup) => void
  readonly change: (change: Partial<Setup>) => void
  readonly learn: () => void
  readonly play: () => void
  readonly exported: () => void
  readonly opened: (text: string) => void
  readonly guard: (work: Promise<unknown>) => void
}

const labelled = (text: string, field: HTMLElement): HTMLElement => {
  field.id = `field-${text.replace(/\W+/g, '-')}`
  return h('div', { class: 'field' }, h('label', { for: field.id }, text), field)
}

const options = (
  names: readonly string[],
  chosen: string,
  said: (name: string) => string = (name) => name,
): readonly HTMLOptionElement[] => names.map((name) => h('option', { value: name, selected: name === chosen }, said(name)))

const valueOf = (event: Event): string => (event.target as HTMLInputElement).value

/** Switches of the network, which keep it, and of the activity, which begin anew. */
const switches = ({ setup, config, source }: View, { open, change }: Actions): readonly HTMLElement[] => {
  const fixed = source === undefined
  const slider = h('input', {
    type: 'range',
    min: '0',
    max: '1',
    step: '0.05',
    value: String(config.beta),
    'aria-label': 'beta',
    oninput: (event: Event) => change({ beta: Number(valueOf(event)) }),
  })
  const beta = h(
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
  const profile = h(
    'select',
    { onchange: (event: Event) => open({ ...setup, profile: valueOf(event) as Setup['profile'] }) },
    ...options(
      Object.keys(profiles).filter((name) => name !== 'tuned'),
      setup.profile,
    ),
  )
  const sizes = [...new Set([8, 16, 24, 32, 64, 256, setup.units])].sort((a, b) => a - b).map(String)
  const units = h(
    'select',
    { onchange: (event: Event) => open({ ...setup, units: Number(valueOf(event)) }) },
    ...options(sizes, String(setup.units)),
  )
  const seed = h('input', {
    type: 'number',
    min: '0',
    max: '999999',
    value: String(setup.seed),
    onchange: (event: Event) => open({ ...setup, seed: Math.max(0, Math.floor(Number(valueOf(event)) || 0)) }),
  })
  const side = h(
    'select',
    { onchange: (event: Event) => open({ ...setup, side: Number(valueOf(event)) }) },
    ...options(['16', '32'], String(setup.side), (name) => `${name} \u00d7 ${name}`),
  )
  const cuts = h(
    'div',
    { class: 'field' },
    h('span', {}, 'lesion'),
    h(
      'span',
      { class: 'joined' },
      ...[...'MVU'].map((letter) =>
        button(`cut ${letter}`, () => change({ lesion: letter }), 'quiet', `cut ${letter}: set its weights to 0`),
      ),
    ),
  )
  const frames = setup.do === 'bounce' || setup.do === 'draw'
  return [
    beta,
    h('label', { class: 'field check' }, learns, h('span', {}, 'weights learn')),
    ...(fixed
      ? []
      : [
          labelled('f', f),
          labelled('profile', profile),
          labelled('units a layer', units),
          ...(frames ? [labelled('frame', side)] : []),
          labelled('seed', seed),
          cuts,
        ]),
  ]
}

/** What an activity has of its own: a board, a text. */
const own = ({ setup }: View, { open }: Actions): HTMLElement | undefined => {
  if (setup.do === 'draw') return inkBoard(setup.ink, (ink) => open({ ...setup, ink }))
  if (setup.do === 'wave') return waveBoard(setup.wave, (wave) => open({ ...setup, wave }))
  if (setup.do !== 'text') return undefined
  const text = h('textarea', {
    rows: '2',
    maxlength: '400',
    spellcheck: 'false',
    onchange: (event: Event) => open({ ...setup, text: valueOf(event) }),
  })
  text.value = setup.text
  return labelled('the text, over and over', text)
}

const button = (text: string, act: () => void, kind = '', said = ''): HTMLButtonElement =>
  h('button', { type: 'button', class: kind, onclick: act, ...(said !== '' && { 'aria-label': said, title: said }) }, text)

export interface Controls {
  readonly show: (view: View) => void
  /** what the buttons say while the network learns, or plays */
  readonly busy: (what: 'learn' | 'play' | undefined) => void
}

export const controlsOf = (
  roots: { readonly setup: HTMLElement; readonly transport: HTMLElement; readonly phases: HTMLElement },
  bench: Bench,
  actions: Actions,
): Controls => {
  const go = (way: 'forward' | 'back', stride: Stride) => (): void => actions.guard(bench[way](stride))
  const play = button('Play', actions.play, '', 'Play in slow motion')
  const learn = button('Learn', actions.learn, 'primary', 'Learn until stopped')
  const file = h('input', {
    type: 'file',
    accept: '.json',
    class: 'hidden',
    'aria-label': 'open a vector file',
    tabindex: '-1',
    onchange: async () => {
      const chosen = file.files?.[0]
      if (chosen) actions.opened(await chosen.text())
      file.value = ''
    },
  })
  roots.transport.replaceChildren(
    h(
      'div',
      { class: 'joined', role: 'group', 'aria-label': 'steps' },
      button('\u25c0\u25c0', go('back', 'step'), '', 'back one time step'),
      button('\u25c0', go('back', 'phase'), '', 'back one equation'),
      button('\u25b6', go('forward', 'phase'), '', 'on by one equation'),
      button('\u25b6|', go('forward', 'pass'), '', 'on to the end of the pass'),
      button('\u25b6\u25b6', go('forward', 'step'), '', 'on by one time step'),
    ),
    play,
    learn,
    h('span', { class: 'spring' }),
    button('Export step', actions.exported, 'quiet', 'Export step as a vector file'),
    button('Open', () => file.click(), 'quiet', 'Open a vector file'),
    file,
  )
  let shown = ''
  return {
    show: (view) => {
      const { setup, phases, cursor, config, entry, ends, behind } = view
      const structure = JSON.stringify([setup.do, setup.profile, setup.units, setup.seed, setup.side])
      if (structure !== shown || !roots.setup.contains(document.activeElement) || document.activeElement?.tagName === 'BUTTON') {
        const choice = h(
          'select',
          {
            'aria-label': 'what the network sees',
            onchange: (event: Event) => actions.open(setupFor(valueOf(event) as Kind, { seed: setup.seed })),
          },
          ...options(
            KINDS.filter((kind) => kind !== 'file' || setup.do === 'file'),
            setup.do,
            (name) => NAMES[name as Kind],
          ),
        )
        const focused = roots.setup.contains(document.activeElement)
          ? (document.activeElement as HTMLElement).getAttribute('aria-label')
          : null
        const special = structure === shown ? roots.setup.querySelector('.own') : undefined
        const mine =
          special ??
          (() => {
            const made = own(view, actions)
            return made && h('div', { class: 'own' }, made)
          })()
        roots.setup.replaceChildren(
          h('div', { class: 'choice' }, choice),
          ...(mine ? [mine] : []),
          h('div', { class: 'switches' }, ...switches(view, actions)),
        )
        if (focused !== null) roots.setup.querySelector<HTMLElement>(`[aria-label="${focused}"]`)?.focus()
        shown = structure
      } else {
        const output = roots.setup.querySelector('output')
        if (output) output.textContent = Number(config.beta.toPrecision(3)).toString()
      }
      learn.disabled = view.source === undefined
      roots.transport.querySelectorAll<HTMLButtonElement>('.joined button').forEach((one, i) => {
        const atEnd = ends && cursor === phases.length - 1
        one.disabled = i < 2 ? behind === 0 && cursor === -1 : atEnd
      })
      const chips = phases.map(({ name, equation }, i) =>
        h(
          'button',
          {
            type: 'button',
            class: i === cursor ? 'now' : i < cursor ? 'done' : '',
            'aria-current': i === cursor ? 'step' : false,
            title: name,
            onclick: () => bench.seek(i),
          },
          equation,
          h('small', {}, ...symbolOf(name.includes('.') ? name.slice(name.indexOf('.') + 1) : '')),
        ),
      )
      const kept = roots.phases.contains(document.activeElement)
        ? [...roots.phases.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement)
        : -1
      roots.phases.replaceChildren(
        h(
          'p',
          { class: 'standing', 'aria-live': 'polite' },
          h('b', {}, `step ${entry.count}`),
          `, t = ${view.told.start.setting.t}: `,
          cursor < 0 ? 'before its first equation' : `after ${phases[cursor]!.name}`,
          view.told.start.course.learns ? '' : ' (this step does not learn)',
        ),
        h('div', { class: 'chips', role: 'group', 'aria-label': 'the equations of the step, in their order' }, ...chips),
      )
      if (kept >= 0) roots.phases.querySelectorAll('button')[kept]?.focus()
    },
    busy: (what) => {
      learn.textContent = what === 'learn' ? 'Stop' : 'Learn'
      play.textContent = what === 'play' ? 'Pause' : 'Play'
    },
  }
}

/** What can be done with the network: the activity, the switches, and the ways forward and back. */

import type { Bench, Stride, View } from '../bench.js'
import { KINDS, setupFor, type Kind, type Setup } from '../setup.js'
import { h, symbolOf } from './dom.js'
import { button, options, valueOf } from './fields.js'
import { own, switches, type Switching } from './switches.js'

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

export interface Actions extends Switching {
  readonly learn: () => void
  readonly play: () => void
  readonly exported: () => void
  readonly opened: (text: string) => void
  /** does what was asked for, after what is being done */
  readonly act: (work: () => Promise<unknown>) => void
}

export interface Controls {
  readonly show: (view: View) => void
  /** what the buttons say while the network learns, or plays */
  readonly busy: (what: 'learn' | 'play' | undefined) => void
}

interface Roots {
  readonly setup: HTMLElement
  readonly transport: HTMLElement
  readonly phases: HTMLElement
}

const choiceOf = ({ setup }: View, { open }: Actions): HTMLElement =>
  h(
    'select',
    {
      'aria-label': 'what the network sees',
      onchange: (event: Event) => open(setupFor(valueOf(event) as Kind, { seed: setup.seed })),
    },
    ...options(
      KINDS.filter((kind) => kind !== 'file' || setup.do === 'file'),
      setup.do,
      (name) => NAMES[name as Kind],
    ),
  )

/** The switches made anew, but for a board that is drawn on; whoever stood on one stands there still. */
const showSetup = (root: HTMLElement, view: View, actions: Actions, kept: boolean, now: () => Setup): void => {
  const active = root.contains(document.activeElement) ? (document.activeElement as HTMLElement) : undefined
  // what is being moved or typed is left alone
  if (kept && active && active.tagName !== 'BUTTON') {
    const output = root.querySelector('output')
    if (output) output.textContent = Number(view.config.beta.toPrecision(3)).toString()
    return
  }
  const before = kept ? root.querySelector('.own') : null
  const made = before ?? own(view, actions, now)
  const place = active?.getAttribute('aria-label')
  root.replaceChildren(
    h('div', { class: 'choice' }, choiceOf(view, actions)),
    ...(made ? [before ?? h('div', { class: 'own' }, made)] : []),
    h('div', { class: 'switches' }, ...switches(view, actions)),
  )
  if (place) root.querySelector<HTMLElement>(`[aria-label="${place}"]`)?.focus()
}

const standingOf = ({ entry, told, phases, cursor }: View): HTMLElement =>
  h(
    'p',
    { class: 'standing', 'aria-live': 'polite' },
    h('b', {}, `step ${entry.count}`),
    `, t = ${told.start.setting.t}: `,
    cursor < 0 ? 'before its first equation' : `after ${phases[cursor]!.name}`,
    told.start.course.learns ? '' : ' (this step does not learn)',
  )

/** The phases of the step as buttons that go to them. */
const showPhases = (root: HTMLElement, view: View, seek: (phase: number) => void): void => {
  const { phases, cursor } = view
  const chips = phases.map(({ name, equation }, i) =>
    h(
      'button',
      {
        type: 'button',
        class: i === cursor ? 'now' : i < cursor ? 'done' : '',
        'aria-current': i === cursor ? 'step' : false,
        title: name,
        onclick: () => seek(i),
      },
      equation,
      h('small', {}, ...symbolOf(name.includes('.') ? name.slice(name.indexOf('.') + 1) : '')),
    ),
  )
  const active = [...root.querySelectorAll('button')].indexOf(document.activeElement as HTMLButtonElement)
  root.replaceChildren(
    standingOf(view),
    h('div', { class: 'chips', role: 'group', 'aria-label': 'the equations of the step, in their order' }, ...chips),
  )
  if (active >= 0) root.querySelectorAll('button')[active]?.focus()
}

/** A file that is chosen to be opened. */
const opener = ({ opened }: Actions): HTMLInputElement => {
  const file = h('input', {
    type: 'file',
    accept: '.json',
    class: 'hidden',
    'aria-label': 'open a vector file',
    tabindex: '-1',
    onchange: async () => {
      const chosen = file.files?.[0]
      if (chosen) opened(await chosen.text())
      file.value = ''
    },
  })
  return file
}

export const controlsOf = (roots: Roots, bench: Bench, actions: Actions): Controls => {
  const go = (way: 'forward' | 'back', stride: Stride) => (): void => actions.act(() => bench[way](stride))
  const play = button('Play', actions.play, '', 'Play in slow motion')
  const learn = button('Learn', actions.learn, 'primary', 'Learn until stopped')
  const file = opener(actions)
  roots.transport.replaceChildren(
    h(
      'div',
      { class: 'joined', role: 'group', 'aria-label': 'steps' },
      button('\u25c0\u25c0', go('back', 'step'), '', 'back one time step'),
      button('\u25c0', go('back', 'phase'), '', 'back one equation'),
      button('\u25b6', go('forward', 'phase'), '', 'on by one equation'),
      button('\u25b6|', go('forward', 'pass'), '', 'on by one part of the step'),
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
      const { setup, phases, cursor, ends, behind, source } = view
      const structure = JSON.stringify([setup.do, setup.profile, setup.units, setup.seed, setup.side, setup.text])
      showSetup(roots.setup, view, actions, structure === shown, () => bench.view().setup)
      shown = structure
      learn.disabled = source === undefined
      if (learn.disabled) learn.title = 'These few steps are only for stepping through: choose something else above to learn'
      roots.transport.querySelectorAll<HTMLButtonElement>('.joined button').forEach((one, i) => {
        one.disabled = i < 2 ? behind === 0 && cursor === -1 : ends && cursor === phases.length - 1
      })
      showPhases(roots.phases, view, (phase) => actions.act(async () => bench.seek(phase)))
    },
    busy: (what) => {
      const say = (one: HTMLButtonElement, text: string, said: string): void => {
        one.textContent = text
        one.setAttribute('aria-label', said)
        one.title = said
      }
      say(learn, what === 'learn' ? 'Stop' : 'Learn', what === 'learn' ? 'Stop learning' : 'Learn until stopped')
      say(play, what === 'play' ? 'Pause' : 'Play', what === 'play' ? 'Pause playing' : 'Play in slow motion')
    },
  }
}

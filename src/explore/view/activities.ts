/** Things to do: each a link that holds its state, and experiments that draw what they find. */

import type { Client, Findings, Running } from '../messages.js'
import { addressOf, courseOf, turned, type Course, type Standing } from '../course.js'
import { setupFor, type Setup } from '../setup.js'
import { chartOf } from './chart.js'
import { h } from './dom.js'

/** A question that is asked before it is shown. */
interface Guess {
  readonly question: string
  readonly answers: readonly string[]
  readonly right: number
  readonly because: string
}

interface Activity {
  readonly id: string
  readonly title: string
  readonly text: string
  /** the network of the page, set up for it */
  readonly run?: { readonly address: string; readonly link: string }
  /** the experiment that a worker does */
  readonly experiment?: string
  readonly guess?: Guess
}

const on = (link: string, run: Setup | Course, standing: Partial<Standing> = {}): Pick<Activity, 'run'> => ({
  run: { link, address: addressOf('first' in run ? run : courseOf(run), standing) },
})

/** What learns as soon as it is opened. */
const learning = (link: string, setup: Setup): Pick<Activity, 'run'> => ({
  run: { link, address: addressOf(courseOf(setup), { runs: true }) },
})

/** Switches turned after so many steps of learning. */
const then = (setup: Setup, after: number, change: Partial<Setup>): Course =>
  turned(courseOf(setup), after, { ...setup, ...change })

const ACTIVITIES: readonly Activity[] = [
  {
    id: 'try-bounce',
    title: 'Bounce two digits',
    text: 'Two handwritten digits move in a frame and bounce off its edges. The network predicts each frame before it sees it, and learns from what it got wrong.',
    ...learning('Watch it learn', setupFor('bounce')),
  },
  {
    id: 'try-draw',
    title: 'Draw one',
    text: 'Ink a figure of your own, with the pointer or with arrow keys and Space. It bounces, and the network learns to expect it.',
    ...on('Draw', setupFor('draw')),
  },
  {
    id: 'try-text',
    title: 'Type text',
    text: 'A short text over and over, a character a step. Look at p of level 0: what it expects next.',
    ...on('Type', setupFor('text')),
  },
  {
    id: 'try-wave',
    title: 'Draw a wave',
    text: 'One number a step, the height of a wave. One period is yours to draw.',
    ...on('Draw a wave', setupFor('wave')),
  },
  {
    id: 'try-reber',
    title: 'The Reber machine',
    text: 'Words of a small grammar. The second symbol has to be remembered over the whole word, as it comes again before the end.',
    ...learning('Watch it learn', setupFor('reber')),
  },
  {
    id: 'try-beta',
    title: 'Switch the correction off',
    text: 'The worked example, at the correction of its states. Beta is the size of a correction: with beta at 0 the errors are still there, h still says how the states should move, and they do not.',
    ...on('Show the example with beta = 0', setupFor('example', { beta: 0 }), { at: 1, after: 'C4' }),
    guess: {
      question: 'With beta at 0, what is d, the correction of a state?',
      answers: ['as before: errors are as large', 'smaller, but not 0', 'exactly 0'],
      right: 2,
      because:
        'A state moves by beta times h: by 0. So y is z, and d, which is z - y, is 0. M, V and U, which learn from d, stand still; W\u2081 learns on, from e\u2080.',
    },
  },
  {
    id: 'try-mask',
    title: 'A row that is padding',
    text: 'Each row of a sheet is a sequence of the batch. At step 2 of the worked example the mask m of row 1 is 0: that sequence has ended, and the row only fills the batch. Point at e and d of row 1: they are 0 (or -0), so the row reaches no update and no score. Its a and z go on all the same.',
    ...on('Show the step with a masked row', setupFor('example'), { at: 2, after: 'C4' }),
  },
  {
    id: 'try-adapt',
    title: 'Adapt by state alone',
    text: 'A network learns digits, and then its weights are frozen. It sees letters, which it has never seen. Only its states can give way.',
    experiment: 'adapt',
    ...on(
      'See it on the network: a letter, frozen weights',
      then(setupFor('bounce', { beta: 0.5 }), 4000, { learn: false, letter: 'a' }),
      { at: 4003 },
    ),
  },
  {
    id: 'try-units',
    title: 'Replace f',
    text: 'No derivative of f is taken anywhere. So f may be a step, a sign, or a table of random numbers.',
    experiment: 'units',
    ...learning('A random table on the network', setupFor('bounce', { f: 'table' })),
    guess: {
      question: 'Which of these learn: tanh, a step, a sign, a random table?',
      answers: ['tanh only', 'all but the random table', 'all four'],
      right: 2,
      because:
        'Each begins at about 177 nats a frame, which is chance, and ends far below. tanh gets furthest; the others have fewer values to say things with.',
    },
  },
  {
    id: 'try-oddball',
    title: 'An oddball in a rhythm',
    text: 'Three beats and a clap, until they are known. Then a gong stands where a beat should be.',
    experiment: 'oddball',
    ...on('The rhythm on the network', setupFor('rhythm'), { at: 1998 }),
    guess: {
      question: 'Which error rises first, and when?',
      answers: ['level 0, at the gong', 'level 1, at the gong', 'both, one step later'],
      right: 0,
      because:
        'e\u2080 compares with x of the same step. The layers hear of the gong one step later, from x[t-1]: then z\u2081 is not what layer 2 expected.',
    },
  },
  {
    id: 'try-lesion',
    title: 'Lesions',
    text: 'The Reber machine is learnt. Then all weights of one kind are set to 0: M, which drives a layer from below; V, its memory; or U, the control from above.',
    experiment: 'lesion',
    ...on('Cut V on the network', then(setupFor('reber'), 6000, { lesion: 'V', learn: false }), { at: 6000 }),
  },
  {
    id: 'try-profiles',
    title: 'Three profiles on one seed',
    text: 'released is what the authors\u2019 program does, paper what notes on the paper say, online what this package trains with.',
    experiment: 'profiles',
  },
  {
    id: 'try-race',
    title: 'A race, and what each remembers',
    text: 'P-TNCN beside back-propagation through time (BPTT) and real-time recurrent learning (RTRL), on the same words.',
    experiment: 'race',
    guess: {
      question: 'Whose memory of a sequence grows with its length?',
      answers: ['all three', 'BPTT only', 'BPTT and RTRL'],
      right: 1,
      because:
        'BPTT keeps every step to go back over it. RTRL keeps how each unit depends on each weight, which is much, but not more with t. P-TNCN keeps one state.',
    },
  },
]

/** Asks, and then says whether the guess was right; `show` is for what it was about. */
const guessOf = ({ question, answers, right, because }: Guess, id: string, guessed: () => void): HTMLElement => {
  const verdict = h('p', { class: 'verdict', 'aria-live': 'polite' })
  const choose = (chosen: number): void => {
    fieldset.disabled = true
    verdict.append(h('b', {}, chosen === right ? 'Right. ' : `It is: ${answers[right]!}. `), because)
    guessed()
  }
  const fieldset = h(
    'fieldset',
    { class: 'guess' },
    h('legend', {}, h('b', {}, 'Guess first. '), question),
    ...answers.map((answer, i) =>
      h('label', {}, h('input', { type: 'radio', name: `guess-${id}`, onchange: () => choose(i) }), answer),
    ),
  )
  return h('div', {}, fieldset, verdict)
}

/** Who runs experiments: the seed of those that are started now, and who is told of one that is. */
export interface Lab {
  readonly client: Client
  readonly seed: () => number
  readonly started: (name: string, seed: number) => void
}

/** An experiment: its button, where its findings stand, and how it is started with a seed. */
interface Bed {
  readonly controls: HTMLElement
  readonly output: HTMLElement
  readonly start: (seed: number) => Promise<void>
}

const bedOf = ({ client, seed, started }: Lab, name: string): Bed => {
  const output = h('div', { class: 'findings' })
  const bar = h('progress', { max: '1', value: '0', 'aria-label': 'how far the experiment is' })
  const said = h('div', { 'aria-live': 'polite' })
  const charts = h('div', { class: 'plots' })
  let running: Running<void> | undefined
  const show = (findings: Findings): void => {
    bar.value = findings.done
    charts.replaceChildren(...findings.charts.map(chartOf))
    said.replaceChildren(...findings.said.map((text) => h('p', {}, text)))
  }
  const start = async (of: number): Promise<void> => {
    running?.stop()
    await running?.done.catch(() => {})
    started(name, of)
    button.textContent = 'Stop'
    output.replaceChildren(bar, charts, said)
    const job = client.experiment(name, of, show)
    running = job
    try {
      await job.done
    } catch (error) {
      said.replaceChildren(h('p', { class: 'error' }, (error as Error).message))
    }
    running = undefined
    bar.remove()
    button.textContent = 'Run again'
  }
  const button = h(
    'button',
    { type: 'button', class: 'primary', 'data-experiment': name, onclick: () => (running ? running.stop() : void start(seed())) },
    'Run',
  )
  return { controls: button, output, start }
}

interface Card {
  readonly element: HTMLElement
  readonly experiment: string | undefined
  /** as it was asked for by its address, without a guess */
  readonly start: (seed: number) => void
}

const card = (activity: Activity, lab: Lab): Card => {
  const { id, title, text, run: place, experiment, guess } = activity
  const made = experiment === undefined ? undefined : bedOf(lab, experiment)
  const link = place && h('a', { class: 'go', href: place.address }, place.link)
  const actions = h('div', { class: 'actions' }, made?.controls, link)
  const hidden = guess !== undefined
  actions.classList.toggle('waiting', hidden)
  const wait = (waits: boolean): void => {
    for (const control of actions.querySelectorAll('button')) {
      if (control.disabled === waits) continue
      control.disabled = waits
      control.textContent = waits ? 'Guess, then run' : 'Run'
    }
  }
  wait(hidden)
  const allow = (): void => {
    actions.classList.remove('waiting')
    wait(false)
  }
  const element = h(
    'article',
    { id, 'aria-labelledby': `${id}-title` },
    h('h3', { id: `${id}-title` }, h('a', { href: `#${id}` }, title)),
    h('p', {}, text),
    guess && guessOf(guess, id, allow),
    actions,
    made?.output,
  )
  const start = (seed: number): void => {
    allow()
    element.scrollIntoView()
    void made?.start(seed)
  }
  return { element, experiment, start }
}

/** Draws the things to do. What it gives starts an experiment by its name, where there is one. */
export const activities = (root: HTMLElement, lab: Lab): ((experiment: string, seed: number) => void) => {
  const cards = ACTIVITIES.map((activity) => card(activity, lab))
  root.replaceChildren(...cards.map(({ element }) => element))
  return (experiment, seed) => cards.find((one) => one.experiment === experiment)?.start(seed)
}

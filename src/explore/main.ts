/** The page: what it opens with, and who tells whom. In a worker, the same program computes. */

import { plain } from '../explain/decimal.js'
import { exampleScenario } from '../explain/example.js'
import type { Telling } from '../explain/telling.js'
import { parseJson } from '../io/json.js'
import type { Fields } from '../fields.js'
import { benchOf, type Bench, type View } from './bench.js'
import { clientOf, type Start } from './client.js'
import { addressOf, courseOf, experimentAddress, experimentOf, openingOf, type Opening } from './course.js'
import type { Running } from './messages.js'
import { setupFor, type Setup } from './setup.js'
import { openVector, vectorFile } from './vector-file.js'
import { activities } from './view/activities.js'
import { controlsOf } from './view/controls.js'
import { byId, h, isStill } from './view/dom.js'
import { inspectorOf } from './view/inspector.js'
import { liveOf } from './view/live.js'
import { legend } from './view/legend.js'
import type { Pointed } from './view/marks.js'
import { pictureOf } from './view/picture.js'
import { curveOf, filmOf } from './view/running.js'
import { themeSwitch } from './view/theme.js'
import { tabs } from './view/tabs.js'
import { serve, type Scope } from './worker.js'

const PLAY_MS = 900
const ADDRESS_MS = 300
const WITHOUT_END = Number.MAX_SAFE_INTEGER

const openExample = async (bench: Bench, { course: { first, turns }, at }: Opening): Promise<void> => {
  const fields = parseJson(byId('example').textContent!) as Fields
  await bench.openScenario(first, exampleScenario(fields))
  // of the settings of its file, those that the address names are changed
  await bench.change({})
  for (;;) {
    const { entry, ends } = bench.view()
    for (const { after, setup } of turns) if (after === entry.count) await bench.change(setup)
    if (entry.count >= at || ends) return
    // to the end of this step, and to that of the next
    while (bench.view().entry.count === entry.count) await bench.forward('step')
  }
}

const openRun = async (bench: Bench, opening: Opening, progress: (count: number) => void): Promise<void> => {
  if (opening.course.first.do === 'example') await openExample(bench, opening)
  else await bench.open(opening.course, opening.at, progress)
  if (opening.after !== undefined) return bench.seekNamed(opening.after)
  // a step that is done shows more than one that begins, and one with a past more than the first
  if (opening.course.first.do === 'example') return
  await bench.forward('step')
  while (bench.view().told.start.setting.t === 0) await bench.forward('step')
}

const shown = (count: number): string => count.toLocaleString('en')

/** What a switch does besides what it says. */
const saidOf = (change: Partial<Setup>, { config, setup }: View): string => {
  if (change.lesion !== undefined) return 'Cut weights are 0 from this step on; where weights learn, they grow again.'
  if (change.f === undefined) return ''
  return `f is ${setup.f === 'table' ? 'a random table' : setup.f} from this step on, with beta ${plain(config.beta)}; the weights are kept. "Start again" begins with new ones.`
}

/** A worker from the program of the page itself, which has no file of its own beside it. */
const startWorker: Start = (hear) => {
  const worker = new Worker(URL.createObjectURL(new Blob([byId('program').textContent!], { type: 'text/javascript' })))
  worker.onmessage = ({ data }) => hear(data)
  return worker
}

const start = (): void => {
  const bench = benchOf(clientOf(startWorker))
  let pointed: Pointed | undefined
  let pinned = false
  let learning: Running<void> | undefined
  /** that it learns is wanted, whether or not it does already */
  let learns = false
  /** of what learning did last */
  let ended: Promise<unknown> = Promise.resolve()
  /** how often something was opened */
  let openings = 0
  /** the address of what is shown */
  let held = ''
  let playing: ReturnType<typeof setInterval> | undefined

  const notice = byId('notice')
  const say = (text: string): void => void notice.replaceChildren(text === '' ? '' : h('span', {}, text))
  let working: Promise<unknown> = Promise.resolve()
  const sayError = (error: unknown): void => say((error as Error).message)
  /** One thing after another, and after learning; a failure is said. */
  const guard = (work: () => Promise<unknown>): void => {
    working = working
      .then(() => ended)
      .then(work)
      .then(() => {}, sayError)
  }

  const point = (next: Pointed, final: boolean): void => {
    if (pinned && !final) return
    pinned = final
    pointed = next
    document.body.classList.toggle('inspecting', final)
    refresh(bench.view())
  }
  const picture = pictureOf(byId('picture'), point)
  const inspector = inspectorOf(byId('inspector'), (next) => point(next, true))
  const live = liveOf([...document.querySelectorAll<HTMLElement>('.live')], point, (phase) => act(async () => bench.seek(phase)))
  const film = filmOf(byId('film'))
  const refresh = (view: View): void => {
    const telling: Telling | undefined = inspector.show(view, pointed)
    picture.show(view, telling, pointed)
  }

  const hold = (): void => {
    const { course, entry, phases, cursor } = bench.view()
    const after = cursor < 0 ? 'nothing' : phases[cursor]!.name
    // a file has no address that leads back to it
    held = course.first.do === 'file' ? '#bench' : addressOf(course, { at: entry.count, after })
    history.replaceState(undefined, '', held)
  }
  let soon: ReturnType<typeof setTimeout> | undefined
  /** The address of what is shown, once it stands still: browsers allow only so many changes of an address. */
  const remember = (): void => {
    clearTimeout(soon)
    soon = setTimeout(() => (working = working.then(hold).catch(sayError)), ADDRESS_MS)
  }
  /** Done by whoever looks at the page, so that the address has it; what is being learnt ends first. */
  const act = (work: () => Promise<unknown>): void => {
    endLearning()
    guard(async () => {
      await work()
      remember()
    })
  }
  const endLearning = (): void => {
    learns = false
    learning?.stop()
  }
  const stop = (): void => {
    bench.halt()
    endLearning()
    clearInterval(playing)
    playing = undefined
    controls.busy(undefined)
  }
  const open = (opening: Opening): void => {
    stop()
    say('')
    pinned = false
    pointed = undefined
    clearTimeout(soon)
    const { at, runs } = opening
    const mine = ++openings
    guard(async () => {
      // something else was opened before this one began
      if (mine !== openings) return
      await openRun(bench, opening, (count) => say(`Doing its steps again: ${shown(count)} of ${shown(at)}.`))
      say('')
      if (runs) learn()
    })
  }
  const learn = (): void => {
    if (learns) return stop()
    stop()
    learns = true
    guard(async () => {
      const { source } = bench.view()
      if (!learns || !source) return
      controls.busy('learn')
      learning = bench.learn(WITHOUT_END, (progress) => {
        film.show(progress, source.frame)
        curve()
      })
      document.body.classList.add('learning')
      // what is done meanwhile ends it, and waits for that
      ended = learning.done
        // the pictures of a step that is done, and not of one that begins
        .then(() => bench.forward('step'))
        .catch(sayError)
        .finally(() => {
          learning = undefined
          learns = false
          document.body.classList.remove('learning')
          film.hide()
          controls.busy(playing === undefined ? undefined : 'play')
          remember()
        })
    })
  }
  const play = (): void => {
    if (playing !== undefined) return stop()
    stop()
    controls.busy('play')
    const tick = (): void =>
      act(async () => {
        const { ends, cursor, phases } = bench.view()
        if (ends && cursor === phases.length - 1) stop()
        else await bench.forward('phase')
      })
    tick()
    playing = setInterval(tick, isStill() ? 2 * PLAY_MS : PLAY_MS)
  }
  const download = (): void => {
    try {
      const url = URL.createObjectURL(new Blob([vectorFile(bench.scenario())], { type: 'application/json' }))
      h('a', { href: url, download: 'explored-step.json' }).click()
      setTimeout(() => URL.revokeObjectURL(url), 1000)
      say('Saved as explored-step.json; "ptncn vectors check explored-step.json" judges it.')
    } catch (error) {
      say((error as Error).message)
    }
  }
  const opened = (text: string): void => {
    stop()
    openings++
    act(async () => {
      const { id, scenario } = openVector(text)
      await bench.openScenario(setupFor('file', { learn: scenario.train }), scenario)
      say(`The case ${id}.`)
    })
  }
  const controls = controlsOf({ setup: byId('setup'), transport: byId('transport'), phases: byId('phases') }, bench, {
    open: (setup) => {
      open({ course: courseOf(setup), at: 0, runs: false })
      act(async () => {})
    },
    change: (change) => {
      const goesOn = learns
      act(async () => {
        await bench.change(change)
        say(saidOf(change, bench.view()))
        if (goesOn) learn()
      })
    },
    learn,
    play,
    exported: download,
    opened,
    act,
  })
  let drawn = 0
  /** The curve is drawn at most once a frame. */
  const curve = (): void => {
    cancelAnimationFrame(drawn)
    drawn = requestAnimationFrame(() => byId('curve').replaceChildren(curveOf(bench.view()) ?? ''))
  }
  bench.subscribe((view) => {
    controls.show(view)
    live.show(view)
    refresh(view)
    curve()
  })
  byId('legend').replaceChildren(legend())
  const experiment = activities(byId('activities'), {
    client: clientOf(startWorker),
    seed: () => bench.view().setup.seed,
    started: (name, seed) => history.replaceState(undefined, '', experimentAddress(name, seed)),
  })
  const { show } = tabs()
  themeSwitch(byId('theme'), () => refresh(bench.view()))
  byId('close').addEventListener('click', () => {
    pinned = false
    pointed = undefined
    document.body.classList.remove('inspecting')
    refresh(bench.view())
  })

  const follow = (): void => {
    // back from a heading
    if (location.hash === held) return show('network')
    if (location.hash === '#bench') {
      show('network')
      return byId('bench').focus()
    }
    const opening = openingOf(location.hash)
    if (opening) {
      show('network')
      held = location.hash
      return open(opening)
    }
    show('text')
    const asked = experimentOf(location.hash)
    if (asked) return experiment(asked.name, asked.seed)
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    place?.scrollIntoView({ behavior: isStill() ? 'auto' : 'smooth' })
  }
  addEventListener('hashchange', follow)
  if (openingOf(location.hash)) follow()
  else {
    open({ course: courseOf(setupFor('example')), at: 1, after: 'C4', runs: false })
    if (location.hash !== '') follow()
  }
  addEventListener('keydown', (event) => {
    const target = event.target as HTMLElement
    if (event.key === 'Escape') return void byId('close').click()
    if (
      event.altKey ||
      event.ctrlKey ||
      event.metaKey ||
      target.closest('input, select, textarea, .cells, table, .board, [tabindex="0"]')
    )
      return
    const keys: Record<string, () => void> = {
      '.': () => act(() => bench.forward('phase')),
      ',': () => act(() => bench.back('phase')),
      '>': () => act(() => bench.forward('step')),
      '<': () => act(() => bench.back('step')),
    }
    keys[event.key]?.()
  })
  Object.assign(document.documentElement.dataset, { ready: 'yes' })
}

if (typeof document === 'undefined') serve(globalThis as unknown as Scope)
else start()

/** The page: what it opens with, and who tells whom. In a worker, the same program computes. */

import { exampleScenario } from '../explain/example.js'
import type { Telling } from '../explain/telling.js'
import { parseJson } from '../io/json.js'
import type { Fields } from '../fields.js'
import { benchOf, type Bench, type View } from './bench.js'
import { clientOf, type Running } from './client.js'
import { hashOf, setupFor, setupOf, type Setup } from './setup.js'
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
const WITHOUT_END = Number.MAX_SAFE_INTEGER

const openSetup = async (bench: Bench, setup: Setup, fields: URLSearchParams): Promise<void> => {
  if (setup.do === 'example') {
    const fields = parseJson(byId('example').textContent!) as Fields
    await bench.openScenario(setup, exampleScenario(fields))
    if (setup.beta !== undefined || !setup.learn) await bench.change({})
  } else await bench.open(setup, Math.min(200_000, Math.max(0, Math.floor(Number(fields.get('at') ?? 0) || 0))))
  const steps = Math.min(50, Math.max(0, Math.floor(Number(fields.get('t') ?? 0) || 0)))
  for (let i = 0; i < steps; i++) await bench.forward('step')
  if (steps > 0) await bench.forward('phase')
  // a step that is done shows more than one that begins, and one with a past more than the first
  if (setup.do !== 'example' && steps === 0) {
    await bench.forward('step')
    while (bench.view().told.start.setting.t === 0) await bench.forward('step')
  }
  const phase = bench
    .view()
    .phases.map(({ equation }) => equation)
    .lastIndexOf(fields.get('after') ?? '')
  if (phase >= 0) bench.seek(phase)
}

const start = (): void => {
  const program = byId('program').textContent!
  const bench = benchOf(clientOf(program))
  const experiments = clientOf(program)
  let pointed: Pointed | undefined
  let pinned = false
  let learning: Running<void> | undefined
  let playing: ReturnType<typeof setInterval> | undefined

  const notice = byId('notice')
  const say = (text: string): void => void notice.replaceChildren(text === '' ? '' : h('span', {}, text))
  let working: Promise<unknown> = Promise.resolve()
  /** One thing after another; a failure is said. */
  const guard = (work: () => Promise<unknown>): void => {
    working = working.then(work).then(
      () => {},
      (error: unknown) => say((error as Error).message),
    )
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
  const live = liveOf([...document.querySelectorAll<HTMLElement>('.live')], point, (phase) => bench.seek(phase))
  const film = filmOf(byId('film'))
  const refresh = (view: View): void => {
    const telling: Telling | undefined = inspector.show(view, pointed)
    picture.show(view, telling, pointed)
  }

  const remember = (): void =>
    history.replaceState(
      undefined,
      '',
      hashOf(
        bench.view().setup,
        bench.view().entry.count > 0 && bench.view().source ? { at: String(bench.view().entry.count) } : {},
      ),
    )
  const stop = (): void => {
    learning?.stop()
    clearInterval(playing)
    playing = undefined
    controls.busy(undefined)
  }
  const open = (setup: Setup, fields = new URLSearchParams()): void => {
    stop()
    say('')
    pinned = false
    pointed = undefined
    guard(() => openSetup(bench, setup, fields))
  }
  const learn = (): void => {
    if (learning) return stop()
    stop()
    guard(async () => {
      controls.busy('learn')
      const { source } = bench.view()
      learning = bench.learn(WITHOUT_END, (progress) => {
        film.show(progress, source!.frame)
        curve()
      })
      const { done } = learning
      // what is done meanwhile waits for nothing
      void done
        .catch((error: unknown) => say((error as Error).message))
        .finally(() => {
          learning = undefined
          film.hide()
          controls.busy(undefined)
          remember()
        })
    })
  }
  const play = (): void => {
    if (playing !== undefined) return stop()
    stop()
    controls.busy('play')
    const tick = (): void =>
      guard(async () => {
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
    guard(async () => {
      const { id, scenario } = openVector(text)
      await bench.openScenario(setupFor('file', { learn: scenario.train }), scenario)
      say(`The case ${id}.`)
    })
  }
  const controls = controlsOf({ setup: byId('setup'), transport: byId('transport'), phases: byId('phases') }, bench, {
    open: (setup) => {
      open(setup)
      guard(async () => history.replaceState(undefined, '', hashOf(setup)))
    },
    change: (change) =>
      guard(async () => {
        await bench.change(change)
        remember()
      }),
    learn,
    play,
    exported: download,
    opened,
    guard,
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
  activities(byId('activities'), experiments, () => bench.view().setup.seed)
  const { show } = tabs()
  themeSwitch(byId('theme'), () => refresh(bench.view()))
  byId('close').addEventListener('click', () => {
    pinned = false
    pointed = undefined
    document.body.classList.remove('inspecting')
    refresh(bench.view())
  })

  const follow = (): void => {
    const setup = setupOf(location.hash)
    if (setup) {
      show('network')
      return open(setup, new URLSearchParams(location.hash.slice(1)))
    }
    show('text')
    const place = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    place?.scrollIntoView({ behavior: isStill() ? 'auto' : 'smooth' })
  }
  addEventListener('hashchange', follow)
  const setup = setupOf(location.hash)
  if (setup) follow()
  else {
    open(setupFor('example'), new URLSearchParams({ t: '1', after: 'C4' }))
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
      '.': () => guard(() => bench.forward('phase')),
      ',': () => guard(() => bench.back('phase')),
      '>': () => guard(() => bench.forward('step')),
      '<': () => guard(() => bench.back('step')),
    }
    keys[event.key]?.()
  })
  Object.assign(document.documentElement.dataset, { ready: 'yes' })
}

if (typeof document === 'undefined') serve(globalThis as unknown as Scope)
else start()

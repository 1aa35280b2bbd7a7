/**
 * The network on the page: where it stands, and the ways forward and back. States are values: those that were are kept,
 * as many as there is room for, and going back shows them again. No picture is drawn here.
 */

import { rulesOf } from '../conform/equations/graph.js'
import { flatten, startOf, type Moment, type Scenario, type Situation } from '../conform/scenario.js'
import type { Told } from '../explain/telling.js'
import { keyOf } from '../numeric/random.js'
import { initialModel } from '../ptncn/apply.js'
import type { Config } from '../ptncn/config.js'
import { initialState } from '../ptncn/state.js'
import { cut } from './lesion.js'
import type { Client, LearnProgress, Learnt, Running } from './messages.js'
import { pack } from './pack.js'
import { endOfPass, phasesOf, startOfPass, type Phase } from './phases.js'
import { courseOf, cutAt, inForce, turned, type Course } from './course.js'
import { configOf, type Setup } from './setup.js'
import { scoreOf, type Scored } from './scored.js'
import { momentAt, nextPlace, sourceOf, type At, type Source } from './sources.js'

/** What the steps come from: a stream without end, or the inputs of a scenario. */
type Stream = { readonly source: Source } | { readonly scenario: Scenario }

/** A step that can be gone back to: what it began with. */
interface Entry {
  readonly situation: Situation
  readonly at: At
  /** steps since the beginning */
  readonly count: number
}

/** All that there is to see. */
export interface View {
  readonly course: Course
  /** of the step that is shown */
  readonly setup: Setup
  readonly config: Config
  readonly source: Source | undefined
  readonly told: Told
  readonly phases: readonly Phase[]
  /** the phase that was done last; -1 is before the first */
  readonly cursor: number
  readonly entry: Entry
  /** steps that can be gone back to */
  readonly behind: number
  readonly ends: boolean
  readonly curve: readonly Scored[]
}

export type Stride = 'phase' | 'pass' | 'step'

/** Numbers that the history may hold, four bytes each: some 64 MB. */
const MOST_NUMBERS = 2 ** 24
const MOST_ENTRIES = 500
const MOST_SCORED = 600

const sizeOf = ({ situation }: Entry): number => [...situation.tensors.values()].reduce((sum, { data }) => sum + data.length, 0)

/** The last entries that there is room for. */
const bounded = (entries: readonly Entry[]): readonly Entry[] => {
  const kept = Math.min(MOST_ENTRIES, Math.max(2, Math.floor(MOST_NUMBERS / Math.max(1, sizeOf(entries.at(-1)!)))))
  return entries.slice(-kept)
}

export interface Bench {
  readonly view: () => View
  readonly subscribe: (listener: (view: View) => void) => void
  /** does a course again, for so many steps; `progress` is told how many are done */
  readonly open: (course: Course, steps?: number, progress?: (count: number) => void) => Promise<void>
  readonly openScenario: (setup: Setup, scenario: Scenario) => Promise<void>
  /** other switches for the same network */
  readonly change: (change: Partial<Setup>) => Promise<void>
  readonly forward: (stride: Stride) => Promise<void>
  readonly back: (stride: Stride) => Promise<void>
  readonly seek: (phase: number) => void
  /** to a phase by its name, or to the last one of an equation; before the first where there is none */
  readonly seekNamed: (name: string) => void
  readonly learn: (steps: number, progress: (value: LearnProgress) => void) => Running<void>
  /** ends what `open` does, where it is */
  readonly halt: () => void
  /** the step that is shown, as a scenario of one input */
  readonly scenario: () => Scenario
}

export const benchOf = (client: Client): Bench => {
  const listeners: ((view: View) => void)[] = []
  let stream!: Stream
  let course!: Course
  /** as the course has it for the step that is shown, and what follows from it */
  let setup!: Setup
  let config!: Config
  let replaying: Running<void> | undefined
  let halted = false
  let entries: readonly Entry[] = []
  let index = 0
  let cursor = -1
  let told!: Told
  let phases: readonly Phase[] = []
  let curve: readonly Scored[] = []

  const entry = (): Entry => entries[index]!
  const momentOf = ({ at, count }: Entry): Moment =>
    'source' in stream ? momentAt(stream.source, at, setup.seed) : stream.scenario.inputs[count]!
  const trains = (): boolean => ('source' in stream ? setup.learn : stream.scenario.train && setup.learn)
  const ends = (): boolean => 'scenario' in stream && entry().count === stream.scenario.inputs.length - 1

  const view = (): View => ({
    course,
    setup,
    config,
    source: 'source' in stream ? stream.source : undefined,
    told,
    phases,
    cursor,
    entry: entry(),
    behind: index,
    ends: ends(),
    curve,
  })
  const tellAll = (): void => {
    for (const listener of listeners) listener(view())
  }

  const settle = (count: number): void => {
    const next = inForce(course, count)
    if (next === setup) return
    setup = next
    if ('source' in stream) {
      stream = { source: sourceOf(next) }
      config = configOf(next, stream.source.inputs)
    } else {
      const { config: given } = stream.scenario
      config = {
        ...given,
        ...(next.beta !== undefined && { beta: Math.fround(next.beta) }),
        ...(next.passes !== undefined && { passes: next.passes }),
      }
    }
  }

  /** Does the step of an entry; nothing is shown before it is done. */
  const compute = async (of: Entry): Promise<Told> => {
    const [moment, train] = [momentOf(of), trains()]
    const start = startOf({ config, from: of.situation, inputs: [moment], train }, of.situation, moment)
    const outcome = await client.step({ packed: pack(config, setup.seed), situation: of.situation, moment, train })
    return { start, outcome, rules: rulesOf(config, start.course), known: new Map([...start.given, ...outcome.trace]) }
  }
  const score = (): void => {
    const { at, count } = entry()
    const odd = 'source' in stream && (stream.source.odd?.(at.sequence, at.step) ?? false)
    const scored = scoreOf({ told, count, odd })
    if (scored) curve = [...curve.filter((one) => one.count < count), scored].slice(-MOST_SCORED)
  }

  const show = (next: Told, at: number): void => {
    told = next
    phases = phasesOf(next.rules)
    cursor = Math.min(at, phases.length - 1)
    if (cursor === phases.length - 1) score()
    tellAll()
  }
  /** From the last phase on to the next step. */
  const advance = async (): Promise<void> => {
    if (ends()) return
    const { at, count } = entry()
    const next: Entry = {
      situation: told.outcome.situation,
      at: 'source' in stream ? nextPlace(stream.source, at) : at,
      count: count + 1,
    }
    await goTo(next)
  }

  const withCuts = (of: Entry): Entry => {
    const letters = cutAt(course, of.count)
    return letters === '' ? of : { ...of, situation: cut(of.situation, letters) }
  }

  /** What fails, as a network that diverges does, leaves everything as it was. */
  const attempted = async <T>(work: () => Promise<T>): Promise<T> => {
    const before = course
    try {
      return await work()
    } catch (error) {
      course = before
      settle(entry().count)
      throw error
    }
  }

  /** A step that comes after the one that is shown. */
  const goTo = async (given: Entry): Promise<void> => {
    const [next, computed] = await attempted(async () => {
      settle(given.count)
      const next = withCuts(given)
      return [next, await compute(next)] as const
    })
    entries = bounded([...entries.slice(0, index + 1), next])
    index = entries.length - 1
    show(computed, -1)
  }

  const begin = async (situation: Situation): Promise<void> => {
    entries = [withCuts({ situation, at: { sequence: 0, step: 0 }, count: 0 })]
    index = 0
    curve = []
    show(await compute(entry()), -1)
  }

  const after = ({ situation, at, steps }: Learnt, { count }: Entry): Entry => ({ situation, at, count: count + steps })

  const learn = (steps: number, progress: (value: LearnProgress) => void): Running<void> => {
    const from = entry()
    // what was turned later than here is forgotten
    course = { ...course, turns: course.turns.filter((turn) => turn.after <= from.count) }
    const job = { packed: pack(config, setup.seed), setup, situation: from.situation, at: from.at, steps }
    const running = client.learn(job, (value) => {
      curve = [...curve, { count: from.count + value.steps, loss: value.loss, errors: [], odd: false }].slice(-MOST_SCORED)
      progress(value)
    })
    const done = running.done.then((learnt) => goTo(after(learnt, from)))
    return { done, stop: running.stop }
  }

  /** Learns on to a step, unless it is halted. */
  const replay = async (to: number, progress: (count: number) => void): Promise<void> => {
    const { count } = entry()
    if (halted || to <= count) return
    replaying = learn(to - count, ({ steps }) => progress(count + steps))
    await replaying.done
    replaying = undefined
  }

  const turn = async (from: number, next: Setup): Promise<void> => {
    const [changed, computed] = await attempted(async () => {
      course = turned(course, from, next)
      settle(from)
      const changed = withCuts(entry())
      return [changed, await compute(changed)] as const
    })
    entries = [...entries.slice(0, index), changed]
    show(computed, cursor)
  }

  const open = async ({ first, turns }: Course, steps = 0, progress: (count: number) => void = () => {}): Promise<void> => {
    const source = sourceOf(first)
    ;[stream, course, setup, config, halted] = [{ source }, courseOf(first), first, configOf(first, source.inputs), false]
    await begin(flatten(initialState(config, 1), initialModel(config, keyOf(first.seed))))
    for (const one of turns) {
      await replay(Math.min(one.after, steps), progress)
      if (entry().count === one.after) await turn(one.after, one.setup)
    }
    await replay(steps, progress)
  }

  const change = async (change: Partial<Setup>): Promise<void> => {
    const { at } = entry()
    // what bounces is another from the next sequence on
    if (change.letter !== undefined && at.step > 0 && 'source' in stream)
      await learn(stream.source.sequence(at.sequence).length - at.step, () => {}).done
    const { count } = entry()
    const next = { ...setup, ...change }
    if (count > 0) return turn(count, next)
    course = courseOf(next)
    await turn(0, next)
    course = courseOf(next)
  }

  return {
    view,
    subscribe: (listener) => void listeners.push(listener),
    open,
    change,
    openScenario: async (next, scenario) => {
      ;[stream, course, setup, config] = [{ scenario }, courseOf(next), next, scenario.config]
      await begin(scenario.from)
    },
    forward: async (stride) => {
      if (cursor >= phases.length - 1) {
        if (ends()) return
        await advance()
      }
      show(told, stride === 'step' ? phases.length - 1 : stride === 'phase' ? cursor + 1 : endOfPass(phases, cursor))
    },
    back: async (stride) => {
      if (cursor > -1 && stride !== 'step') return show(told, stride === 'phase' ? cursor - 1 : startOfPass(phases, cursor))
      if (index === 0) return show(told, -1)
      index--
      settle(entry().count)
      const before = await compute(entry())
      show(before, phasesOf(before.rules).length - 1)
    },
    seek: (phase) => show(told, phase),
    seekNamed: (wanted) =>
      show(told, phases.map(({ name, equation }) => name === wanted || equation === wanted).lastIndexOf(true)),
    learn,
    halt: () => {
      halted = true
      replaying?.stop()
    },
    scenario: () => ({ config, from: entry().situation, inputs: [momentOf(entry())], train: trains() }),
  }
}

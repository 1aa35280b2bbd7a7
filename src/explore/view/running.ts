/** What is seen while the network learns: frames as they were and as they were predicted, the pace, the curve. */

import type { View } from '../bench.js'
import type { Findings, LearnProgress } from '../messages.js'
import type { Scored } from '../scored.js'
import { chartOf } from './chart.js'
import { colourOf, scaleOf, themeNow } from './colour.js'
import { h, isStill } from './dom.js'

const paintFrame = (
  canvas: HTMLCanvasElement,
  values: Float32Array,
  [rows, cols]: readonly [number, number],
  most: number,
): void => {
  if (canvas.width !== cols || canvas.height !== rows) Object.assign(canvas, { width: cols, height: rows })
  const context = canvas.getContext('2d')!
  const image = context.createImageData(cols, rows)
  const scale = scaleOf(themeNow())
  values.forEach((value, i) => image.data.set([...colourOf(scale, value, most), 255], 4 * i))
  context.putImageData(image, 0, 0)
}

export interface Film {
  readonly show: (progress: LearnProgress, frame: readonly [number, number]) => void
  readonly hide: () => void
}

const FRAME_MS = 50

/** Frames of the last stretch, one after another, for as long as the next stretch takes. */
export const filmOf = (root: HTMLElement): Film => {
  const [seen, predicted] = [h('canvas', { class: 'shot' }), h('canvas', { class: 'shot' })]
  const pace = h('p', { class: 'pace number' })
  root.replaceChildren(
    h('figure', {}, predicted, h('figcaption', {}, 'predicted')),
    h('figure', {}, seen, h('figcaption', {}, 'seen')),
    pace,
  )
  root.hidden = true
  let frames: LearnProgress | undefined
  let shape: readonly [number, number] = [1, 1]
  let at = 0
  let timer: ReturnType<typeof setInterval> | undefined
  const tick = (): void => {
    if (!frames || frames.seen.length === 0) return
    const i = isStill() ? frames.seen.length - 1 : at++ % frames.seen.length
    paintFrame(seen, frames.seen[i]!, shape, 1)
    paintFrame(predicted, frames.predicted[i]!, shape, 1)
  }
  return {
    show: (progress, frame) => {
      frames = progress
      shape = frame[0] * frame[1] === progress.seen[0]?.length ? frame : [1, progress.seen[0]?.length ?? 1]
      at = 0
      root.hidden = false
      root.dataset['perSecond'] = (progress.steps / progress.seconds).toFixed(1)
      pace.textContent = `${progress.steps.toLocaleString('en')} steps learnt, ${Math.round(progress.steps / progress.seconds).toLocaleString('en')} a second; loss ${progress.loss.toPrecision(4)}`
      timer ??= setInterval(tick, FRAME_MS)
      tick()
    },
    hide: () => {
      root.hidden = true
      clearInterval(timer)
      timer = undefined
      frames = undefined
    },
  }
}

const MOST = 240

const LOSSES = { softmax: 'nats a symbol', sigmoid: 'nats a frame', identity: 'half squared error' } as const

/** The curve of the run that is shown. */
export const curveOf = ({ curve, config }: Pick<View, 'curve' | 'config'>): HTMLElement | undefined => {
  const points: readonly Scored[] = curve.slice(-MOST)
  if (points.length < 2) return undefined
  const chart: Findings['charts'][number] = {
    title: 'The loss, step after step; of a stretch that was learnt at once, its mean',
    x: 'steps',
    y: LOSSES[config.output],
    series: [
      { name: 'loss', values: points.map(({ loss }) => loss), from: 1, every: 1, places: points.map(({ count }) => count) },
    ],
    marks: points.flatMap(({ odd, count }) => (odd ? [{ at: count, label: 'odd' }] : [])).slice(-1),
  }
  return chartOf(chart)
}

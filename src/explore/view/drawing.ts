/** What is drawn by hand, with pointer or keys: a figure of ink, a wave. */

import { inkOf, textOfInk, textOfWave, waveOf, WAVE_POINTS } from '../sources.js'
import { h } from './dom.js'

const INK = 14
const CELL = 14

const colours = (): { readonly ground: string; readonly ink: string; readonly line: string } => {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string): string => style.getPropertyValue(name).trim()
  return { ground: of('--panel'), ink: of('--ink'), line: of('--accent') }
}

/** A canvas with a cursor that keys move. */
const board = (width: number, height: number, said: string): HTMLCanvasElement => {
  const canvas = h('canvas', { class: 'board', tabindex: '0', role: 'img', 'aria-label': said })
  canvas.width = width
  canvas.height = height
  return canvas
}

const placeIn = (canvas: HTMLCanvasElement, event: PointerEvent): readonly [number, number] => {
  const box = canvas.getBoundingClientRect()
  return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height]
}

/** Follows a pointer that is pressed. */
const dragged = (
  canvas: HTMLCanvasElement,
  begin: (x: number, y: number) => void,
  move: (x: number, y: number) => void,
  end: () => void,
): void => {
  let down = false
  canvas.addEventListener('pointerdown', (event) => {
    down = true
    canvas.setPointerCapture(event.pointerId)
    begin(...placeIn(canvas, event))
    event.preventDefault()
    canvas.focus()
  })
  canvas.addEventListener('pointermove', (event) => down && move(...placeIn(canvas, event)))
  canvas.addEventListener('pointerup', () => {
    if (down) end()
    down = false
  })
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** A board of 14 x 14 pixels; `done` gets the ink as an address has it. */
export const inkBoard = (text: string, done: (text: string) => void): HTMLElement => {
  const bits = inkOf(text)
  const canvas = board(INK * CELL, INK * CELL, 'drawing board of 14 by 14 pixels: arrow keys move, Space inks or clears a pixel')
  const at = { x: 6, y: 6 }
  const paint = (): void => {
    const context = canvas.getContext('2d')!
    const { ground, ink, line } = colours()
    context.fillStyle = ground
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.fillStyle = ink
    bits.forEach((bit, i) => bit > 0 && context.fillRect((i % INK) * CELL, Math.floor(i / INK) * CELL, CELL - 1, CELL - 1))
    context.strokeStyle = line
    if (document.activeElement === canvas) context.strokeRect(at.x * CELL + 0.5, at.y * CELL + 0.5, CELL - 2, CELL - 2)
  }
  let value = 255
  const put = (x: number, y: number): void => {
    const [col, row] = [Math.floor(x / CELL), Math.floor(y / CELL)]
    if (col < 0 || row < 0 || col >= INK || row >= INK) return
    Object.assign(at, { x: col, y: row })
    bits[row * INK + col] = value
    paint()
  }
  const finish = (): void => done(textOfInk(bits))
  dragged(
    canvas,
    (x, y) => {
      value = bits[Math.floor(y / CELL) * INK + Math.floor(x / CELL)]! > 0 ? 0 : 255
      put(x, y)
    },
    put,
    finish,
  )
  canvas.addEventListener('keydown', (event) => {
    const move = ARROWS[event.key]
    if (!move && event.key !== ' ') return
    event.preventDefault()
    if (move)
      Object.assign(at, { x: Math.max(0, Math.min(INK - 1, at.x + move[0])), y: Math.max(0, Math.min(INK - 1, at.y + move[1])) })
    else {
      bits[at.y * INK + at.x] = bits[at.y * INK + at.x]! > 0 ? 0 : 255
      finish()
    }
    paint()
  })
  for (const name of ['focus', 'blur']) canvas.addEventListener(name, paint)
  requestAnimationFrame(paint)
  addEventListener('themechange', paint)
  const clear = (): void => {
    bits.fill(0)
    paint()
    finish()
  }
  return h('div', { class: 'drawing' }, canvas, h('button', { type: 'button', class: 'quiet', onclick: clear }, 'Clear'))
}

const [WIDE, HIGH] = [320, 110] as const

/** A period of a wave, a height a point. */
export const waveBoard = (text: string, done: (text: string) => void): HTMLElement => {
  const heights = [...waveOf(text)]
  const canvas = board(
    WIDE,
    HIGH,
    'one period of a wave, 32 points: arrow keys left and right choose a point, up and down move it',
  )
  let at = 0
  const step = WIDE / WAVE_POINTS
  const paint = (): void => {
    const context = canvas.getContext('2d')!
    const { ground, line, ink } = colours()
    context.fillStyle = ground
    context.fillRect(0, 0, WIDE, HIGH)
    context.strokeStyle = line
    context.lineWidth = 2
    context.beginPath()
    heights.forEach((height, i) => context.lineTo((i + 0.5) * step, 6 + (1 - height) * (HIGH - 12)))
    context.stroke()
    context.fillStyle = ink
    if (document.activeElement === canvas) context.fillRect((at + 0.5) * step - 3, 3 + (1 - heights[at]!) * (HIGH - 12), 6, 6)
  }
  const put = (x: number, y: number): void => {
    at = Math.max(0, Math.min(WAVE_POINTS - 1, Math.floor(x / step)))
    heights[at] = Math.max(0, Math.min(1, 1 - (y - 6) / (HIGH - 12)))
    paint()
  }
  const finish = (): void => done(textOfWave(heights))
  dragged(canvas, put, put, finish)
  canvas.addEventListener('keydown', (event) => {
    const move = ARROWS[event.key]
    if (!move) return
    event.preventDefault()
    at = (at + move[0] + WAVE_POINTS) % WAVE_POINTS
    if (move[1] !== 0) {
      heights[at] = Math.max(0, Math.min(1, heights[at]! - 0.05 * move[1]))
      finish()
    }
    paint()
  })
  for (const name of ['focus', 'blur']) canvas.addEventListener(name, paint)
  requestAnimationFrame(paint)
  addEventListener('themechange', paint)
  return h('div', { class: 'drawing' }, canvas)
}

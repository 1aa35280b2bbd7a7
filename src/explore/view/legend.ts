/** The scale of the sheets. */

import { css, scaleOf, themeNow } from './colour.js'
import { h } from './dom.js'

/** The scale in words and colours. */
export const legend = (): HTMLElement => {
  const bar = h('canvas', { 'aria-hidden': 'true', class: 'legend-bar' })
  bar.width = 257
  bar.height = 1
  const paint = (): void => {
    const context = bar.getContext('2d')!
    scaleOf(themeNow()).forEach((colour, i) => {
      context.fillStyle = css(colour)
      context.fillRect(i, 0, 1, 1)
    })
  }
  paint()
  addEventListener('themechange', paint)
  return h(
    'div',
    { class: 'legend' },
    h('span', {}, '\u2212'),
    bar,
    h('span', {}, '+'),
    h('span', { class: 'muted' }, 'the end of each scale stands beside its name'),
  )
}

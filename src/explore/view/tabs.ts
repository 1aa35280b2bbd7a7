/** On a narrow screen the text and the network are two sides of the page; on a wide one both are there. */

import { byId } from './dom.js'

export type Side = 'text' | 'network'

export const tabs = (): { readonly show: (side: Side) => void } => {
  const buttons = { text: byId('tab-text'), network: byId('tab-network') }
  const show = (side: Side): void => {
    document.body.dataset['side'] = side
    for (const [name, button] of Object.entries(buttons)) button.setAttribute('aria-pressed', String(name === side))
  }
  for (const side of ['text', 'network'] as const) buttons[side].addEventListener('click', () => show(side))
  show('text')
  return { show }
}

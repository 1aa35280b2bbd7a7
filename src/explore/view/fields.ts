/** Fields of a form: what is chosen, typed or pressed. */

import { h } from './dom.js'

/** A field under its name. */
export const labelled = (text: string, field: HTMLElement): HTMLElement => {
  field.id = `field-${text.replace(/\W+/g, '-')}`
  return h('div', { class: 'field' }, h('label', { for: field.id }, text), field)
}

export const options = (
  names: readonly string[],
  chosen: string,
  said: (name: string) => string = (name) => name,
): readonly HTMLOptionElement[] => names.map((name) => h('option', { value: name, selected: name === chosen }, said(name)))

export const valueOf = (event: Event): string => (event.target as HTMLInputElement).value

export const button = (text: string, act: () => void, kind = '', said = ''): HTMLButtonElement =>
  h('button', { type: 'button', class: kind, onclick: act, ...(said !== '' && { 'aria-label': said, title: said }) }, text)

/** Elements of the page, made in one expression. */

export type Child = Node | string | false | undefined

type Props = Readonly<Record<string, unknown>>

const give = (element: Element, props: Props, children: readonly Child[]): void => {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === undefined) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value as EventListener)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.filter((child): child is Node | string => child !== false && child !== undefined))
}

/** An HTML element. `onclick` and the like are listeners, all else attributes. */
export const h = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] => {
  const element = document.createElement(tag)
  give(element, props, children)
  return element
}

/** An SVG element. */
export const svg = <Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  give(element, props, children)
  return element
}

/** What the template has under an id. */
export const byId = (id: string): HTMLElement => document.getElementById(id)!

/** A symbol as text with its subscript and pass: `h_1^2`. */
export const symbolOf = (name: string): readonly Child[] => {
  const [, symbol, level, pass, before] = /^(?:[A-Z]\d\.)?([A-Za-z]+)(?:_(\d+))?(?:\^(\d+))?(\[t-1\])?$/.exec(name) ?? []
  if (symbol === undefined) return [name]
  return [
    h('i', {}, symbol),
    level !== undefined && h('sub', {}, level),
    pass !== undefined && h('sup', {}, pass),
    before !== undefined && h('small', {}, before),
  ]
}

/** Whether whoever looks wants no motion. */
export const isStill = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches

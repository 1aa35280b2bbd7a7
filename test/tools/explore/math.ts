/** The equations of SPEC.md, which stand there as plain text, as MathML. */

import temml from 'temml'

const GREEK = new Set(['alpha', 'beta', 'gamma', 'lambda', 'mu'])
const UPRIGHT = new Set(['fl', 'sign', 'rate', 'decay', 'epsilon', 'first', 'second', 'power1', 'power2', 'beta1', 'beta2', 'or'])

const named = (name: string): string => {
  if (GREEK.has(name)) return `\\${name}`
  if (UPRIGHT.has(name)) return `\\mathrm{${name}}`
  const update = /^d([WEMVUbc])$/.exec(name)
  return update ? `\\mathrm{d}${update[1]}` : name
}

/** A symbol with what stands around it: subscript, time, pass, transposition. */
const SYMBOL = /([A-Za-z]+\d?)(?:_(?:\(([^)]*)\)|(\w)))?(\[t-1\])?(?:\^(?:\(([^)]*)\)|(\w)))?(\[t-1\])?(')?/y
const SIGNS: Readonly<Record<string, string>> = { '*': '\\cdot ', '>=': '\\ge ', '..': '\\ldots ' }

const symbol = ([, name, wide, narrow, before, high, low, after, prime]: RegExpExecArray): string => {
  const [sub, pass] = [wide ?? narrow, high ?? low]
  const up = [pass, prime && '\\prime'].filter((part) => part !== undefined)
  const text = named(name!) + (sub === undefined ? '' : `_{${sub}}`) + (up.length === 0 ? '' : `^{${up.join('')}}`)
  return before !== undefined || after !== undefined ? `${text}{\\scriptstyle[t-1]}` : text
}

/** A formula of SPEC.md as TeX. */
export const texOf = (formula: string): string => {
  const rooted = formula.replace(/sqrt\((\w+)\)/g, '{√$1√}')
  let [tex, at] = ['', 0]
  while (at < rooted.length) {
    const rest = rooted.slice(at)
    const root = /^\{√(\w+)√\}/.exec(rest)
    if (root) {
      tex += `\\sqrt{${named(root[1]!)}}`
      at += root[0].length
      continue
    }
    SYMBOL.lastIndex = at
    const found = SYMBOL.exec(rooted)
    if (found && found.index === at) {
      tex += ` ${symbol(found)}`
      at += found[0].length
      continue
    }
    const sign = Object.keys(SIGNS).find((one) => rest.startsWith(one))
    if (sign === undefined) tex += rest[0] === "'" ? '^{\\prime}' : rest[0] === ' ' ? '\\,' : rest[0]
    else tex += SIGNS[sign]
    at += sign?.length ?? 1
  }
  return tex
}

export const inlineMath = (formula: string): string => temml.renderToString(texOf(formula))

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** One line of a block: a name before a colon, the equation, and in words when it holds. */
const equation = (line: string, named: boolean): string => {
  const [, label, body] = /^(?:\s*(\w+):)?\s*(.*)$/.exec(line)!
  const cut = body!.search(/ {2,}| (?=for l\b)/)
  const [formula, when] = cut < 0 ? [body!, ''] : [body!.slice(0, cut), body!.slice(cut).trim()]
  const math = temml.renderToString(texOf(formula), { displayMode: false })
  const name = named ? `<span class="eq-name">${label ?? ''}</span>` : ''
  return `<div class="eq">${name}${math}${when === '' ? '' : `<span class="eq-when">${escaped(when)}</span>`}</div>`
}

/** A block of equations. */
export const blockMath = (text: string): string =>
  `<div class="eqs" tabindex="0" role="group" aria-label="equations">${text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => equation(line, /^\w+:/m.test(text)))
    .join('')}</div>`

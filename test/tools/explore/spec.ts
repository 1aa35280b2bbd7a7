/** SPEC.md as the text of the page: clauses with addresses, equations typeset, room beside each for what it computes. */

import { Marked, type Tokens } from 'marked'
import { figure } from './figure.js'
import { blockMath, inlineMath } from './math.js'

/** The clauses whose blocks are mathematics; those of others are programs, to the bit, and stay as they are. */
const TYPESET = new Set('A1 A2 P1 C1 C2 C3 C4 L1 L2 O3'.split(' '))

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Characters of an equation that is long for a line of a phone. */
const LONG = 40

const CLAUSE = /^\*\*\[([A-Za-z0-9-]+)\]\*\*<a id="[^"]*"><\/a>/

/** Long listings are folded away. */
const folded = (title: string, text: string): string =>
  `<details class="listing"><summary>${title}</summary><pre tabindex="0"><code>${escaped(text)}</code></pre></details>`

/** A symbol with its level, time and pass within a sentence: y_(l-1)[t-1], z_l^k. */
const SYMBOL =
  /d[MVU]_l = \(.*?\)' d_l|(?<![\w.])(?:d[WEMVU]|[A-Za-z])_(?:\([^)]*\)|[a-zA-Z0-9])(?:\[t-1\])?(?:\^(?:\([^)]*\)|\w))?(?!\w)/g

const symbolsIn = (text: string): string => {
  let [html, at] = ['', 0]
  for (const found of text.matchAll(SYMBOL)) {
    html += escaped(text.slice(at, found.index)) + inlineMath(found[0])
    at = found.index + found[0].length
  }
  return html + escaped(text.slice(at))
}

const renderer = () => {
  let clause = ''
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        clause = ''
        const inner = this.parser.parseInline(tokens)
        return depth === 1 ? '' : `<!--/clause--><h${depth} id="${slug(text)}">${inner}</h${depth}>\n`
      },
      paragraph({ tokens, raw }: Tokens.Paragraph) {
        const id = CLAUSE.exec(raw)?.[1]
        const inner = this.parser.parseInline(tokens)
        if (id === undefined) return `<p>${inner}</p>\n`
        clause = id
        const text = inner.replace(/^<strong>\[?.*?\]?<\/strong><a id="[^"]*"><\/a>\s*/, '')
        return `<!--/clause--><!--clause ${id}--><p><a class="id" href="#${id}">${id}</a> ${text}</p>\n`
      },
      code({ text, lang }: Tokens.Code) {
        if (lang === 'mermaid') return figure(text)
        if (lang === 'bits') return folded(`${text.split('\n').length} examples, in bits`, text)
        if (lang !== undefined && lang !== '') return folded('The example, in bits', text)
        return TYPESET.has(clause) ? blockMath(text) : `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`
      },
      text(token: Tokens.Text | Tokens.Escape) {
        if ('tokens' in token && token.tokens) return this.parser.parseInline(token.tokens)
        return symbolsIn(token.text)
      },
      codespan({ text }: Tokens.Codespan) {
        return /^[a-z]\w*_\S* = /.test(text)
          ? `<span class="${text.length > LONG ? 'long' : 'short'}">${inlineMath(text)}</span>`
          : `<code>${escaped(text)}</code>`
      },
      link({ href, tokens }: Tokens.Link) {
        const inner = this.parser.parseInline(tokens)
        // files beside SPEC.md are not beside the page
        return href.startsWith('#') ? `<a href="${href}">${inner}</a>` : `<span class="file">${inner}</span>`
      },
      table(token: Tokens.Table) {
        const cell = (tag: string, one: Tokens.TableCell): string => `<${tag}>${this.parser.parseInline(one.tokens)}</${tag}>`
        const head = `<tr>${token.header.map((one) => cell('th scope="col"', one).replace('</th scope="col">', '</th>')).join('')}</tr>`
        const rows = token.rows.map((row) => `<tr>${row.map((one) => cell('td', one)).join('')}</tr>`).join('\n')
        return `<div class="scroll" tabindex="0" role="group" aria-label="table"><table><thead>${head}</thead><tbody>${rows}</tbody></table></div>\n`
      },
    },
  })
  return marked
}

/** A clause as a section: its text, and room for the values that the network on the page has there. */
const section = (id: string, body: string): string =>
  `<section class="clause" id="${id}" aria-label="clause ${id}">${body}<div class="live" data-clause="${id}"></div></section>\n`

const sections = (html: string): string =>
  html.replace(/<!--clause ([\w-]+)-->([^]*?)(?=<!--\/clause-->|$)/g, (_, id: string, body: string) => section(id, body))

export interface SpecPage {
  readonly html: string
  readonly version: string
  /** headings of the second level, and the clauses below each */
  readonly contents: readonly { readonly id: string; readonly title: string; readonly clauses: readonly string[] }[]
}

const contentsOf = (html: string): SpecPage['contents'] =>
  html.split(/(?=<h2 )/).flatMap((part) => {
    const head = /^<h2 id="([^"]*)">(.*?)<\/h2>/.exec(part)
    const clauses = [...part.matchAll(/<section class="clause" id="([^"]*)"/g)].map(([, id]) => id!)
    return head ? [{ id: head[1]!, title: head[2]!, clauses }] : []
  })

/** The text of SPEC.md as HTML. */
export const specPage = (spec: string): SpecPage => {
  const html = sections(renderer().parse(spec, { async: false })).replaceAll('<!--/clause-->', '')
  return { html, version: /^Version (\S+)$/m.exec(spec)![1]!, contents: contentsOf(html) }
}

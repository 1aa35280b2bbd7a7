/** Pages of HTML that need nothing but themselves: no script, no network; whatever is put into them is text unless it was made here. */

import { escaped } from './markup.js'
import { learningCurve, type CurveOptions, type Series } from './svg.js'

/** Not to be had from outside, so that no data of strangers pass for markup. */
const MARKUP = Symbol('markup')

/** Markup that was made in this file. */
export interface Html {
  readonly [MARKUP]: string
}

type Content = string | number | Html | readonly Html[]

const markup = (text: string): Html => ({ [MARKUP]: text })

const markupOf = (content: Content): string => {
  if (typeof content === 'string' || typeof content === 'number') return escaped(String(content))
  return MARKUP in content ? content[MARKUP] : content.map(markupOf).join('\n')
}

/** A template whose own letters are markup, and in which all that is filled in, also within double quotes, is text or Html. */
export const html = (own: readonly string[], ...filled: readonly Content[]): Html =>
  markup(own.map((text, i) => (i === 0 ? text : markupOf(filled[i - 1]!) + text)).join(''))

/** Within a page the namespace goes without saying, and the page without the one address that nobody fetches. */
export const chart = (series: readonly Series[], options: CurveOptions): Html =>
  markup(learningCurve(series, options).replace(' xmlns="http://www.w3.org/2000/svg"', '').trimEnd())

/** Pixels of a chart for windows of 500. */
const NARROW = 440

/** A chart in two widths, of which a window shows the one that it has room for. */
export const curves = (label: string, series: readonly Series[], options: CurveOptions): Html =>
  html`<figure>${wide(label, html`${chart(series, options)}${chart(series, { ...options, width: NARROW })}`)}</figure>`

export interface Picture {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

export const picture = ({ png, width, height }: Picture, alt: string): Html =>
  html`<img src="data:image/png;base64,${Buffer.from(png).toString('base64')}" width="${width}" height="${height}" alt="${alt}">`

/** What may be wider than a phone: it scrolls by itself, with keys too, and the page does not. */
export const wide = (label: string, content: Html): Html =>
  html`<div class="wide" role="region" aria-label="${label}" tabindex="0">${content}</div>`

export interface Row {
  readonly cells: readonly Content[]
  /** stands out, and says so in its first cell */
  readonly marked?: boolean
}

/** What is there for whoever asks: it is folded behind one line. */
export const folded = (line: string, content: Html | readonly Html[]): Html => html`<details>
<summary>${line}</summary>
${content}
</details>`

/** A table whose first column names its rows, in a few words or in sentences. Its caption stays in sight while it scrolls. */
export const table = (
  label: string,
  caption: string,
  head: readonly string[],
  rows: readonly Row[],
  names: 'words' | 'sentences' = 'words',
): Html => html`<figure>
<figcaption>${caption}</figcaption>
${wide(
  label,
  html`<table${names === 'sentences' ? html` class="sentences"` : ''}>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${rows.map(rowOf)}
</tbody>
</table>`,
)}
</figure>`

const rowOf = ({ cells: [first = '', ...others], marked = false }: Row): Html =>
  html`<tr${marked ? html` class="marked"` : ''}><th scope="row">${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`

/** Nothing is fetched, run, sent or framed, whatever a page holds. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** Charts take the colours of the page; pictures keep their white paper, a little dimmed on dark pages. */
const STYLE = `
:root { color-scheme: light dark; --ink: #222; --paper: #fff; --faint: #5a5a5a; --line: #d4d4d4; --mark: #fff3cf }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #161616; --faint: #a8a8a8; --line: #444; --mark: #40360f }
}
body { margin: 0 auto; padding: 1rem; max-width: 66rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, 'DejaVu Sans', sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.5rem; line-height: 1.25 }
h2 { font-size: 1.15rem; line-height: 1.3; margin: 2.5rem 0 0.75rem }
h3 { font-size: 1rem; margin: 1.5rem 0 0 }
details { margin: 0.75rem 0 }
summary { cursor: pointer }
figure { margin: 1rem 0 }
figcaption, footer { color: var(--faint); font-size: 0.9rem }
figcaption { padding-bottom: 0.4rem }
.wide { overflow-x: auto }
svg { display: block; max-width: 100%; height: auto }
svg, svg text { fill: var(--ink) }
svg > rect, svg g > path[fill] { fill: var(--paper) }
svg > line[stroke="#e4e4e4"] { stroke: var(--line) }
svg + svg { display: none }
@media (max-width: 800px) { svg:not(:only-child) { display: none } svg + svg { display: block !important } }
@media (prefers-color-scheme: dark) { svg g { filter: brightness(1.6) } img { filter: brightness(0.85) } }
img { display: block; max-width: 100%; min-width: 44rem; height: auto; border-radius: 6px }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; font-size: 0.95rem }
th, td { padding: 0.25rem 0.75rem; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top }
td { white-space: nowrap }
th:first-child { position: sticky; left: 0; background: var(--paper); text-align: left; min-width: min(8rem, 25vw); max-width: 12rem; overflow-wrap: break-word }
.sentences th:first-child { min-width: min(34rem, 45vw); max-width: 34rem }
tbody th { font-weight: 500 }
tr.marked > * { background: var(--mark); font-weight: 600 }
footer { margin-top: 3rem; border-top: 1px solid var(--line) }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid var(--line); border-radius: 6px; color: var(--ink) }
`

/** The text of a page in English. */
export const page = (title: string, body: readonly Html[]): string =>
  `${markupOf(html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${markup(STYLE)}</style>
</head>
<body>
${body}
</body>
</html>`)}\n`

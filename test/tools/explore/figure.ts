/**
 * The figure of SPEC.md, which stands there as the text of a flow chart, as a picture: nodes and arrows are read from the
 * text, and only where each node stands is said here.
 */

interface Node {
  readonly id: string
  readonly label: string
}

interface Edge {
  readonly from: string
  readonly to: string
  readonly label: string
  /** from one layer to another */
  readonly thick: boolean
}

/** Column and row of each node; a layer is a row of the picture. */
const PLACES: Readonly<Record<string, readonly [number, number]>> = {
  yy2: [0, 0],
  yy1: [0, 1],
  xx: [0, 2],
  a2: [1, 0],
  z2: [2, 0],
  p1: [3, 0],
  e1: [4, 0],
  h2: [5, 0],
  y2: [6, 0],
  d2: [7, 0],
  a1: [1, 1],
  z1: [2, 1],
  p0: [3, 1],
  e0: [4, 1],
  h1: [5, 1],
  y1: [6, 1],
  d1: [7, 1],
  x: [4, 2],
}
const [LEFT, PITCH, TOP, HIGH, HALF] = [40, 88, 60, 128, 31] as const

const CHAIN = /^(\w+)(?:\["([^"]*)"\])?/
const ARROW = /^\s*(?:(?<plainThin>-->)|(?<plainThick>==>)|--\s*(?<thin>.*?)\s*-->|==\s*(?<thick>.*?)\s*==>)\s*/

const read = (source: string): { readonly nodes: readonly Node[]; readonly edges: readonly Edge[] } => {
  const nodes = new Map<string, string>()
  const edges: Edge[] = []
  for (const raw of source.split('\n')) {
    let line = raw.trim()
    if (/^(?:flowchart|subgraph|end)\b/.test(line) || line === '') continue
    let from: string | undefined
    let arrow: RegExpExecArray | null = null
    for (;;) {
      const node = CHAIN.exec(line)
      if (!node) throw new Error(`"SPEC.md" expected a node in its figure, got ${line}`)
      const [text, id, label] = node
      if (label !== undefined) nodes.set(id!, label)
      if (from !== undefined && arrow) {
        const { thin, thick, plainThick } = arrow.groups!
        edges.push({ from, to: id!, label: thin ?? thick ?? '', thick: thick !== undefined || plainThick !== undefined })
      }
      from = id!
      line = line.slice(text.length)
      arrow = ARROW.exec(line)
      if (!arrow) break
      line = line.slice(arrow[0].length)
    }
  }
  return { nodes: [...nodes].map(([id, label]) => ({ id, label })), edges }
}

const placeOf = (id: string): readonly [number, number] => {
  const place = PLACES[id]
  if (!place) throw new Error(`the figure of "SPEC.md" has a node "${id}" that has no place; see test/tools/explore/figure.ts`)
  return [LEFT + place[0] * PITCH, TOP + place[1] * HIGH]
}

/** A label with its subscripts; only its first part, as the rest stands in the equations. */
const text = (label: string): string => {
  const short = label.split(/, | = /)[0]!
  return short.replace(/<sub>(.*?)<\/sub>/g, '<tspan dy="4" font-size="10">$1</tspan><tspan dy="-4"></tspan>')
}

const box = ({ id, label }: Node): string => {
  const [x, y] = placeOf(id)
  return `<g><rect x="${x - HALF}" y="${y - 17}" width="${2 * HALF}" height="34" rx="6"/><text x="${x}" y="${y + 5}">${text(label)}</text></g>`
}

const HALF_HIGH = 17
/** Of an arrow over other boxes. */
const RISE = 60

/** The end of an arrow on the edge of a box, towards the other. */
const edgeOf = ([x, y]: readonly [number, number], [toX, toY]: readonly [number, number]): readonly [number, number] => {
  const [dx, dy] = [toX - x, toY - y]
  const part = Math.min(HALF / Math.abs(dx || 1e-9), HALF_HIGH / Math.abs(dy || 1e-9))
  return [x + dx * part, y + dy * part]
}

const line = ({ from, to, label, thick }: Edge): string => {
  const [a, b] = [placeOf(from), placeOf(to)]
  const [[x1, y1], [x2, y2]] = [edgeOf(a, b), edgeOf(b, a)]
  const level = a[1] === b[1]
  // above an arrow; of one from layer to layer near where it begins, as there no other crosses it
  const [part, up] = level ? [0.45, 8] : [0.28, -4]
  const at = [x1 + part * (x2 - x1), y1 + part * (y2 - y1) - up]
  const named = label === '' ? '' : `<text class="${level ? 'over' : 'on'}" x="${at[0]}" y="${at[1]}">${text(label)}</text>`
  const far = level && Math.abs(b[0] - a[0]) > PITCH + 1
  const [top, middle] = [a[1] - HALF_HIGH, (a[0] + b[0]) / 2]
  const path = far ? `M${a[0]} ${top}Q${middle} ${top - RISE} ${b[0]} ${top}` : `M${x1} ${y1}L${x2} ${y2}`
  return `<path class="${thick ? 'thick' : 'thin'}" d="${path}" marker-end="url(#tip)"/>${named}`
}

/** The figure as SVG; said in words by the paragraph after it. */
export const figure = (source: string): string => {
  const { nodes, edges } = read(source)
  const missing = Object.keys(PLACES).find((id) => nodes.every((node) => node.id !== id))
  if (missing !== undefined) throw new Error(`the figure of "SPEC.md" has no node "${missing}"; see test/tools/explore/figure.ts`)
  const [width, height] = [LEFT * 2 + 7 * PITCH, TOP * 2 + 2 * HIGH]
  const tip =
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>'
  const title = '<title>One step of two layers, from the states of the step before to the corrections</title>'
  return `<figure class="model" tabindex="0" aria-label="the model as a figure"><svg viewBox="0 0 ${width} ${height}" role="img">${title}${tip}${edges.map(line).join('')}${nodes.map(box).join('')}</svg><figcaption>The figure goes on to the right.</figcaption></figure>\n`
}

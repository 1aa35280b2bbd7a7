/** Grey images of outlines: the coverage of each pixel, computed with + - * / alone, so the same everywhere. */

/** A step of an outline, as font readers give it; y grows upwards. */
export interface Command {
  readonly type: 'M' | 'L' | 'Q' | 'C' | 'Z'
  readonly x?: number
  readonly y?: number
  readonly x1?: number
  readonly y1?: number
  readonly x2?: number
  readonly y2?: number
}

type Point = readonly [x: number, y: number]
type Edge = readonly [from: Point, to: Point]

/** Straight pieces of a curve: a quarter of a circle of radius 13 is off by 1/64 of a pixel, less than a grey. */
const PIECES = 16
/** Lines scanned in each row of pixels. */
const LINES = 16
/** Greys are the multiples of 5: nobody sees more of them, and all 256 make the code of the glyphs 40 % longer. */
const GREYS = 51

const between = ([ax, ay]: Point, [bx, by]: Point, t: number): Point => [ax + (bx - ax) * t, ay + (by - ay) * t]

/** A point of the curve that control points span, by de Casteljau's construction. */
const onCurve = (points: readonly Point[], t: number): Point =>
  points.length === 1
    ? points[0]!
    : onCurve(
        points.slice(1).map((point, i) => between(points[i]!, point, t)),
        t,
      )

/** The outline as straight edges, each contour closed. */
const edgesOf = (commands: readonly Command[]): Edge[] => {
  const edges: Edge[] = []
  let [start, at]: [Point, Point] = [
    [0, 0],
    [0, 0],
  ]
  const lineTo = (to: Point): void => {
    edges.push([at, to])
    at = to
  }
  for (const { type, x = 0, y = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0 } of commands) {
    if (type === 'M' || type === 'Z') lineTo(start)
    if (type === 'M') start = at = [x, y]
    if (type === 'L') lineTo([x, y])
    if (type !== 'Q' && type !== 'C') continue
    const points: Point[] = type === 'Q' ? [at, [x1, y1], [x, y]] : [at, [x1, y1], [x2, y2], [x, y]]
    for (let piece = 1; piece <= PIECES; piece++) lineTo(onCurve(points, piece / PIECES))
  }
  lineTo(start)
  return edges.filter(([from, to]) => from[0] !== to[0] || from[1] !== to[1])
}

/** Moves the edges into the middle of the image, the longer side of their box `box` pixels; y grows downwards. */
const fitted = (edges: readonly Edge[], side: number, box: number): Edge[] => {
  const xs = edges.map(([[x]]) => x)
  const ys = edges.map(([[, y]]) => y)
  const [left, right] = [Math.min(...xs), Math.max(...xs)]
  const [bottom, top] = [Math.min(...ys), Math.max(...ys)]
  const scale = box / Math.max(right - left, top - bottom)
  const moved = ([x, y]: Point): Point => [
    side / 2 + (x - (left + right) / 2) * scale,
    side / 2 - (y - (bottom + top) / 2) * scale,
  ]
  return edges.map(([from, to]) => [moved(from), moved(to)])
}

/** Where a level line is inside the outline, by the non-zero rule: contours of fonts may overlap. */
const spansAt = (edges: readonly Edge[], y: number): Edge[0][] => {
  const crossings = edges
    .filter(([[, y0], [, y1]]) => y0 <= y !== y1 <= y)
    .map(([[x0, y0], [x1, y1]]) => ({ x: x0 + ((y - y0) / (y1 - y0)) * (x1 - x0), turn: y0 < y1 ? 1 : -1 }))
    .sort((a, b) => a.x - b.x)
  let winding = 0
  return crossings.flatMap(({ x, turn }, i) => {
    winding += turn
    return winding === 0 ? [] : [[x, crossings[i + 1]!.x] as const]
  })
}

/**
 * An image of side x side bytes, 0 outside and 255 inside, of an outline in the middle of it. The longer side of the
 * outline's box is `box` pixels long, the shorter keeps its proportion.
 */
export const rasterise = (commands: readonly Command[], side: number, box: number): Uint8Array => {
  const edges = fitted(edgesOf(commands), side, box)
  const covered = new Float64Array(side * side)
  for (let line = 0; line < side * LINES; line++) {
    const row = Math.floor(line / LINES) * side
    for (const [from, to] of spansAt(edges, (line + 0.5) / LINES)) {
      for (let x = Math.floor(from); x < to; x++) covered[row + x]! += Math.min(to, x + 1) - Math.max(from, x)
    }
  }
  return Uint8Array.from(covered, (lines) => Math.round((lines / LINES) * GREYS) * (255 / GREYS))
}

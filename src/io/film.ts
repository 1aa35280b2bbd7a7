/** A film strip: what was there, what was predicted, and the difference, frame by frame, in one picture. */

import { mismatch } from '../errors.js'
import { count, list, optional, requireFields, text as words, wholeFrom } from '../fields.js'
import { requireMatrix, type Floats, type Matrix } from '../numeric/matrix.js'
import { inkedAt, LETTER, textWidth } from './pixel-font.js'
import { encodePng } from './png.js'

/** Frames of grey values from 0 to 1, each 1 x rows * cols, row by row: the `truth`, and the `prediction` made for each. */
export interface Film {
  readonly truth: readonly Matrix[]
  readonly prediction: readonly Matrix[]
  /** pixels of a row; by default as many as there are rows */
  readonly cols?: number
}

/** Pixels of a frame. */
interface Size {
  readonly rows: number
  readonly cols: number
}

/** What is written on a film strip; nothing by default. */
export interface FilmOptions {
  /** one line above the strip; small letters, digits and a few signs are shown as they are */
  readonly title?: string
  /** frames that the network was given; from there on it went on by itself, and a line stands before that frame */
  readonly given?: number
}

type Colour = readonly [red: number, green: number, blue: number]

/** A rectangle of the picture, and the colour of each of its pixels; undefined leaves what is below. */
interface Patch {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly colourAt: (x: number, y: number) => Colour | undefined
}

const PAPER: Colour = [255, 255, 255]
const INK: Colour = [40, 40, 40]
/** Two colours that people of all kinds of colour vision tell apart, after M. Okabe and K. Ito. */
const TOO_DARK: Colour = [213, 94, 0]
const TOO_BRIGHT: Colour = [0, 114, 178]
const NO_ERROR: Colour = [238, 238, 238]

/** Pixels of a frame are drawn as squares of whole pixels, so that a frame is about this wide, or high. */
const USUAL_FRAME = 64
const TEXT_SCALE = 2
const LINE = LETTER.height * TEXT_SCALE
const PAD = 12
const GAP = 4

/** A row of a strip: its name, and for each frame the colour of each of its pixels. */
interface Band {
  readonly label: string
  readonly frames: readonly Patch['colourAt'][]
}

/**
 * The PNG file of a film strip: rows truth, prediction and error over numbered frames. The error is truth
 * minus prediction: orange where the prediction was too dark, blue where it was too bright.
 * @throws ShapeError where there are no frames, the predictions are not as many, a frame has no whole number of rows, or, without `cols`, is not a square
 */
export const filmStrip = (film: Film, options: FilmOptions = {}): Uint8Array => {
  requireFields('ShapeError', 'film', film, { truth: list, prediction: list, cols: optional(wholeFrom(1)) })
  requireFields('ShapeError', 'options', options, { title: optional(words(1000)), given: optional(count) })
  const size = requireFilm(film)
  const shown = film.truth.map(({ data }, i) => frames(data, film.prediction[i]!.data, size))
  const bands = ['truth', 'prediction', 'error'].map((label, row) => ({ label, frames: shown.map((three) => three[row]!) }))
  return stripOf(size, bands, legend, options)
}

/**
 * One strip of what several networks predicted for the same frames: the truth, and a row for each of them.
 * @throws ShapeError as filmStrip
 */
export const filmStrips = (
  truth: readonly Matrix[],
  predictions: readonly { readonly label: string; readonly frames: readonly Matrix[] }[],
  options: FilmOptions & Pick<Film, 'cols'> = {},
): Uint8Array => {
  const { cols } = options
  const filmOf = (prediction: readonly Matrix[]): Film => ({ truth, prediction, ...(cols !== undefined && { cols }) })
  const sizes = predictions.map(({ frames: prediction }) => requireFilm(filmOf(prediction)))
  const size = sizes[0] ?? requireFilm(filmOf(truth))
  const bands = [{ label: 'truth', frames: truth }, ...predictions].map(({ label, frames: all }) => ({
    label,
    frames: all.map(({ data }) => frames(data, data, size)[0]!),
  }))
  return stripOf(size, bands, () => [], options)
}

/** A frame's pixels are squares of so many pixels. */
const scaleOf = ({ rows, cols }: Size): number => Math.max(1, Math.round(USUAL_FRAME / Math.max(rows, cols)))

const stripOf = (
  size: Size,
  bands: readonly Band[],
  legendAt: (y: number) => readonly Patch[],
  options: FilmOptions,
): Uint8Array => {
  const [width, height] = [size.cols, size.rows].map((pixels) => pixels * scaleOf(size)) as [number, number]
  const left = PAD + TEXT_SCALE * Math.max(...bands.map(({ label }) => textWidth(label))) + PAD
  const titleHeight = options.title === undefined ? 0 : LINE + PAD
  const numbersTop = PAD + titleHeight
  const framesTop = numbersTop + LINE + GAP
  const legendTop = framesTop + bands.length * (height + GAP) + PAD - GAP
  const columns = bands[0]!.frames.map((_, i) => left + i * (width + GAP))
  const rowTop = (row: number): number => framesTop + row * (height + GAP)
  const under = legendAt(legendTop)
  const patches = [
    ...(options.title === undefined ? [] : [text(options.title, PAD, PAD)]),
    text('frame', PAD, numbersTop),
    ...numbers(columns, width, numbersTop),
    ...bands.map(({ label }, row) => text(label, PAD, rowTop(row) + Math.floor((height - LINE) / 2))),
    ...columns.flatMap((x, i) =>
      bands.map((band, row): Patch => ({ x, y: rowTop(row), width, height, colourAt: band.frames[i]! })),
    ),
    ...beginning(options.given, columns, numbersTop, legendTop - PAD),
    ...under,
  ]
  const wide = Math.max(...patches.map((patch) => patch.x + patch.width)) + PAD
  const high = under.length === 0 ? legendTop : legendTop + LINE + PAD
  return encodePng({ width: wide, height: high, channels: 3, data: painted(wide, high, patches) })
}

/** A line in the gap before the first frame that the network made of its own. */
const beginning = (given: number | undefined, columns: readonly number[], top: number, bottom: number): readonly Patch[] => {
  const x = columns[given ?? -1]
  return x === undefined || given === 0
    ? []
    : [{ x: x - GAP + 1, y: top, width: 2, height: bottom - top, colourAt: () => TOO_DARK }]
}

const painted = (width: number, height: number, patches: readonly Patch[]): Uint8Array => {
  const data = new Uint8Array(3 * width * height)
  for (let i = 0; i < data.length; i++) data[i] = PAPER[i % 3]!
  for (const patch of patches) {
    for (let y = 0; y < patch.height; y++) {
      for (let x = 0; x < patch.width; x++) {
        const colour = patch.colourAt(x, y)
        if (colour) data.set(colour, 3 * ((patch.y + y) * width + patch.x + x))
      }
    }
  }
  return data
}

const text = (words: string, x: number, y: number): Patch => ({
  x,
  y,
  width: TEXT_SCALE * textWidth(words),
  height: LINE,
  colourAt: (dx, dy) => (inkedAt(words, Math.floor(dx / TEXT_SCALE), Math.floor(dy / TEXT_SCALE)) ? INK : undefined),
})

/** Numbers from 1 over the columns; where columns are narrow, over every second, third, ... */
const numbers = (columns: readonly number[], size: number, y: number): Patch[] => {
  const widest = TEXT_SCALE * textWidth(String(columns.length))
  const every = Math.ceil((widest + GAP) / (size + GAP))
  return columns.flatMap((x, i) => {
    const words = String(i + 1)
    const inset = Math.floor((size - TEXT_SCALE * textWidth(words)) / 2)
    return i % every === 0 ? [text(words, x + inset, y)] : []
  })
}

/** The colours of a frame in each of the three rows. */
const frames = (truth: Floats, prediction: Floats, size: Size): Patch['colourAt'][] => {
  const scale = scaleOf(size)
  const pixel = (x: number, y: number): number => Math.floor(y / scale) * size.cols + Math.floor(x / scale)
  return [
    (x, y) => grey(truth[pixel(x, y)]!),
    (x, y) => grey(prediction[pixel(x, y)]!),
    (x, y) => signed(truth[pixel(x, y)]! - prediction[pixel(x, y)]!),
  ]
}

/** 0 to 1; what is below 0 or above 1 is cut, and NaN is 0. */
const bounded = (value: number): number => (value > 0 ? Math.min(value, 1) : 0)

const grey = (value: number): Colour => {
  const level = Math.round(255 * bounded(value))
  return [level, level, level]
}

/** Light grey where there is no error; the stronger in colour, the larger it is. */
const signed = (error: number): Colour => {
  const full = error > 0 ? TOO_DARK : TOO_BRIGHT
  const part = bounded(Math.abs(error))
  const mixed = (i: 0 | 1 | 2): number => Math.round(NO_ERROR[i] + (full[i] - NO_ERROR[i]) * part)
  return [mixed(0), mixed(1), mixed(2)]
}

/** What the two colours mean. */
const legend = (y: number): Patch[] => {
  const box = (x: number, colour: Colour): Patch => ({
    x,
    y,
    width: 7 * TEXT_SCALE,
    height: 7 * TEXT_SCALE,
    colourAt: () => colour,
  })
  const after = ({ x, width }: Patch, space: number): number => x + width + space
  const error = text('error:', PAD, y)
  const darkBox = box(after(error, PAD), TOO_DARK)
  const dark = text('prediction too dark', after(darkBox, PAD), y)
  const brightBox = box(after(dark, 2 * PAD), TOO_BRIGHT)
  return [error, darkBox, dark, brightBox, text('prediction too bright', after(brightBox, PAD), y)]
}

/** The size of the frames. */
const requireFilm = ({ truth, prediction, cols }: Film): Size => {
  if (truth.length === 0) throw mismatch('ShapeError', 'frames of the film', 'at least one', 0)
  if (prediction.length !== truth.length) {
    throw mismatch('ShapeError', 'predictions of the film', `${truth.length}, one a frame`, prediction.length)
  }
  for (const [i, frame] of [...truth, ...prediction].entries()) requireMatrix(`frame ${i} of the film`, frame)
  const pixels = truth[0]!.data.length
  const side = Math.round(Math.sqrt(pixels))
  const size: Size = cols === undefined ? { rows: side, cols: side } : { rows: Math.round(pixels / cols), cols }
  for (const { data } of [...truth, ...prediction]) {
    if (size.rows < 1 || data.length !== size.rows * size.cols) {
      const expected = `${cols === undefined ? 'a square number, ' : ''}${size.rows} x ${size.cols} in all frames`
      throw mismatch('ShapeError', 'pixels of a frame', expected, data.length)
    }
  }
  return size
}

/** Signed numbers as colours: blue below 0, orange above, equally far from the ground where equally large. */

/** The number of colours on each side of 0. */
const SIDE = 128

type Rgb = readonly [number, number, number]

const gamma = (x: number): number =>
  Math.round(255 * Math.max(0, Math.min(1, x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055)))

/** OKLCH as sRGB (B. Ottosson, "A perceptual color space for image processing", 2020). */
const rgb = (lightness: number, chroma: number, hue: number): Rgb => {
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)]
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ]
}

const BLUE = 255
const ORANGE = 48

/** How light 0 and the largest are, and how strong the largest is. */
const ENDS = { light: [0.955, 0.5, 0.155], dark: [0.285, 0.8, 0.13] } as const

export type Theme = keyof typeof ENDS

const made = new Map<Theme, readonly Rgb[]>()

/** The colours from the least to the largest number. */
export const scaleOf = (theme: Theme): readonly Rgb[] => {
  const [zero, most, strong] = ENDS[theme]
  const known = made.get(theme)
  if (known) return known
  const scale = Array.from({ length: 2 * SIDE + 1 }, (_, i): Rgb => {
    const part = Math.abs(i - SIDE) / SIDE
    return rgb(zero + (most - zero) * part, strong * Math.min(1, 1.15 * part), i < SIDE ? BLUE : ORANGE)
  })
  made.set(theme, scale)
  return scale
}

/** The colour of a number where `most` is the largest that the scale has. */
export const colourOf = (scale: readonly Rgb[], value: number, most: number): Rgb => {
  const part = Number.isFinite(value) ? Math.max(-1, Math.min(1, value / most)) : 0
  return scale[Math.round(SIDE + SIDE * part)]!
}

export const css = ([r, g, b]: Rgb): string => `rgb(${r} ${g} ${b})`

/** Black or white, whichever is read more easily on a colour. */
export const inkOn = ([r, g, b]: Rgb): string => (0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#111' : '#fff')

export const themeNow = (): Theme => {
  const chosen = document.documentElement.dataset['theme']
  if (chosen === 'light' || chosen === 'dark') return chosen
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** 1, 2 or 5 times a power of ten that is not below a number: what a scale goes to. */
export const roundUp = (most: number): number => {
  if (!(most > 0) || !Number.isFinite(most)) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  return power * [1, 2, 5, 10].find((step) => step * power >= most * (1 - 1e-9))!
}

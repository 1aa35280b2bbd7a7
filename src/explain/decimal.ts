/** Numbers as people read them. */

const DIGITS = 7
/** Smaller ones have an exponent. */
const LEAST_PLAIN = 1e-3

/** Seven significant digits: what a binary32 number holds, or nearly. */
export const decimal = (value: number): string => {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e7) return String(value)
  return size < LEAST_PLAIN ? value.toExponential(DIGITS - 1) : value.toPrecision(DIGITS)
}

/** The same without zeros at its end: of a setting. */
export const plain = (value: number): string => (Object.is(value, -0) ? '-0' : String(Number(value.toPrecision(DIGITS))))

/**
 * Errors that say what was wrong, what was expected, what was got and what to do, in one line.
 *
 * Every check of a value that comes from outside stands at a public boundary and uses a function of this file.
 */

export type ErrorName =
  | 'ConfigError' // a field of the configuration
  | 'ShapeError' // rows, columns or lengths that do not fit
  | 'NonFiniteError' // NaN or an infinity in data or weights that were handed in
  | 'DivergenceError' // NaN or an infinity that arose while the network ran
  | 'FileError' // a file that cannot be read, written or understood
  | 'EngineError' // an engine that was disposed of, or whose workers have ended
  | 'UsageError' // a command or an option

/** The one error type of the package: `name` says which kind, `value` is the offending value. */
export class PtncnError extends Error {
  override readonly name: ErrorName
  readonly value: unknown
  constructor(name: ErrorName, message: string, value: unknown) {
    super(message)
    this.name = name
    this.value = value
  }
}

/** `"beta" expected a finite number, got "fast"; ...` */
export const mismatch = (name: ErrorName, what: string, expected: string, got: unknown, remedy = ''): PtncnError =>
  new PtncnError(name, `"${what}" expected ${expected}, got ${show(got)}${remedy && `; ${remedy}`}`, got)

const LONGEST_SHOWN = 60

/** A short, single-line picture of any value, safe for hostile ones. */
export const show = (value: unknown): string => {
  const text = describe(value).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?')
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text
}

/** Lists within lists are shown this deep. */
const DEEPEST_SHOWN = 3

const describe = (value: unknown, depth = 0): string => {
  if (typeof value === 'string') return `"${value.slice(0, LONGEST_SHOWN + 1)}"`
  if (Object.is(value, -0)) return '-0'
  if (Array.isArray(value)) {
    if (depth === DEEPEST_SHOWN) return '[...]'
    const items = Array.from(value.slice(0, 8), (item) => describe(item, depth + 1))
    return `[${items.join(', ')}${value.length > 8 ? ', ...' : ''}]`
  }
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) return 'an object'
  return String(value)
}

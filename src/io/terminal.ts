/** What a person at a terminal sees while long work goes on. */

/** 75 -> `1:15`, 3675 -> `1:01:15`. */
const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

/** About so long, in words: `12 s`, `14 min`, `6.9 h`. */
export const roughly = (seconds: number): string => {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}

export interface Progress {
  /** `total` is what `done` is at the end; what may be cut off on a narrow terminal stands last in `text` */
  readonly show: (done: number, total: number, text: string) => void
  /** removes the line of a terminal */
  readonly clear: () => void
}

const REFRESH_SECONDS = 0.2
const CLEAR_LINE = '\r\u001b[2K'
/** Without a terminal: the first line so soon that a person knows it runs, later ones so seldom that a log stays short. */
const FIRST_LINE_SECONDS = 10
const NEXT_LINE_SECONDS = 30

/**
 * How far long work is, and the time left: on a terminal one line that replaces itself, anywhere else a line every so
 * often. `now` is in seconds.
 */
export const progressOn = (stream: NodeJS.WriteStream, now: () => number): Progress => {
  const begin = now()
  let next = begin + (stream.isTTY ? 0 : FIRST_LINE_SECONDS)
  return {
    show: (done, total, text) => {
      const time = now()
      if (time < next) return
      next = time + (stream.isTTY ? REFRESH_SECONDS : NEXT_LINE_SECONDS)
      const left = done > 0 ? duration(((time - begin) / done) * (total - done)) : '?'
      const line = `${String(Math.floor((100 * done) / total)).padStart(3)} %  ${left} left  ${text}`
      stream.write(stream.isTTY ? CLEAR_LINE + line.slice(0, (stream.columns || 80) - 1) : `${line.trimStart()}\n`)
    },
    clear: () => void (stream.isTTY && stream.write(CLEAR_LINE)),
  }
}

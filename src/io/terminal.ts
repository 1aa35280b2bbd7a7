/** What a person at a terminal sees while long work goes on. */

/** 75 -> `1:15`, 3675 -> `1:01:15`. */
const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.round(seconds))
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const two = (n: number): string => String(n).padStart(2, '0')
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`
}

export interface Progress {
  /** replaces the line, at most a few times a second */
  readonly show: (done: number, total: number, text: string) => void
  /** removes it */
  readonly clear: () => void
}

const QUIET: Progress = { show: () => {}, clear: () => {} }
const REFRESH_SECONDS = 0.2
const CLEAR_LINE = '\r\u001b[2K'

/** A progress line with rate and time left on a terminal; silent anywhere else. `now` is in seconds. */
export const progressOn = (stream: NodeJS.WriteStream, now: () => number): Progress => {
  if (!stream.isTTY) return QUIET
  const begin = now()
  let shown = -Infinity
  return {
    show: (done, total, text) => {
      const time = now()
      if (time - shown < REFRESH_SECONDS) return
      shown = time
      const left = ((time - begin) / done) * (total - done)
      const line = `${String(Math.floor((100 * done) / total)).padStart(3)} %  ${text}  ${duration(left)} left`
      stream.write(CLEAR_LINE + line.slice(0, (stream.columns ?? 80) - 1))
    },
    clear: () => stream.write(CLEAR_LINE),
  }
}

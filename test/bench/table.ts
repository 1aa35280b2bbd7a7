/** Tables that are read in a terminal and are Markdown as well, and numbers short enough for them. */

export type Row = readonly string[]

/** The first column to the left, the others to the right. */
export const table = (head: Row, rows: readonly Row[]): string => {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => (row[i] ?? '').length)))
  const cell = (text: string, i: number): string => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))
  const line = (row: Row): string => `| ${head.map((_, i) => cell(row[i] ?? '', i)).join(' | ')} |`
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

/** Three digits, more where they stand before the point. */
export const digits = (value: number): string => {
  if (!Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value === 0 ? '0' : value.toFixed(Math.min(4, Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))))
}

export const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : '-')

export const times = (ratio: number): string => `${digits(ratio)} x`

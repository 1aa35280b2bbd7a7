/** Which of the known names somebody may have meant. */

/** Single mistakes that make one word the other: a letter more, less, another, or two in each other's place. */
const mistakes = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const [same, above] = [a[i - 1] === b[j - 1], rows[i - 1]!]
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? rows[i - 2]![j - 2]! + 1 : Infinity
      row.push(Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1), swapped))
    }
    rows.push(row)
  }
  return rows[a.length]![b.length]!
}

const LONGEST = 40

/** As much as a slip of the finger, for short words less: the first of the nearest names, or the one that begins so. */
export const nearest = (word: unknown, names: readonly string[]): string | undefined => {
  if (typeof word !== 'string' || word.length < 2 || word.length > LONGEST) return undefined
  const lower = word.toLowerCase()
  const ranked = names.map((name) => ({ name, distance: mistakes(lower, name.toLowerCase()) }))
  const least = Math.min(...ranked.map(({ distance }) => distance))
  const found = ranked.find(({ distance }) => distance === least)
  if (found && least <= Math.min(2, Math.floor(word.length / 2))) return found.name
  const beginning = names.filter((name) => name.toLowerCase().startsWith(lower))
  return beginning.length === 1 ? beginning[0] : undefined
}

/** `did you mean "train"?`, or nothing. */
export const meant = (word: unknown, names: readonly string[]): string => {
  const name = nearest(word, names)
  return name === undefined ? '' : `did you mean "${name}"?`
}

/** The anchors of SPEC.md's clauses, and where its links lead. */

import { existsSync, readFileSync } from 'node:fs'
import { clauseIds } from './spec.js'

const CLAUSE_ID = /^(?:[A-Z]\d|[a-z]{2}-[a-z]+)$/

/** The text without its code, where brackets are no links. */
const prose = (document: string): string => document.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '')

const anchors = (document: string): readonly string[] => [...document.matchAll(/<a id="([^"]*)"><\/a>/g)].map(([, id]) => id!)

/** `[C2]: #C2`: each name in brackets that is a link, and where it leads. */
const definitions = (document: string): ReadonlyMap<string, string> =>
  new Map([...document.matchAll(/^\[([\w-]+)\]: (\S+)$/gm)].map(([, name, target]) => [name!, target!]))

/** The anchors that GitHub makes of headings. */
const slugs = (document: string): readonly string[] =>
  [...prose(document).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )

/** Clauses that do not begin with their anchor, once in the document, or whose name in brackets is no link to it. */
export const unanchored = (spec: string): readonly string[] => {
  const [all, links] = [anchors(spec), definitions(spec)]
  const holds = (id: string): boolean =>
    spec.includes(`\n\n**[${id}]**<a id="${id}"></a> `) &&
    all.filter((anchor) => anchor === id).length === 1 &&
    links.get(id) === `#${id}`
  return clauseIds(spec).filter((id) => !holds(id))
}

/**
 * Links that lead nowhere: to a file, a heading or an anchor that is not there; and, where names in brackets are links,
 * the name of no clause. `root` is the folder of the document.
 */
export const deadLinks = (document: string, root: URL): readonly string[] => {
  const [text, links] = [prose(document), definitions(document)]
  const targets = [...[...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!), ...links.values()]
  const names = [...text.matchAll(/\[([\w-]+)\]/g)].map(([, name]) => name!).filter((name) => CLAUSE_ID.test(name))
  const leads = (target: string): boolean => {
    const [path, place] = target.split('#') as [string, string | undefined]
    if (!existsSync(new URL(path, root))) return false
    const there = path === '' ? document : readFileSync(new URL(path, root), 'utf8')
    return place === undefined || [...anchors(there), ...slugs(there)].includes(place)
  }
  const unknown = links.size > 0 ? names.filter((name) => !links.has(name)).map((name) => `[${name}]`) : []
  return [...targets.filter((target) => !/^https?:/.test(target) && !leads(target)), ...unknown]
}

/** Writes test/clauses.md and test/clauses.json, what holds each clause of SPEC.md: `tsx test/tools/clauses.ts`. */

import { writeFileSync } from 'node:fs'
import { clausesJson, clausesText } from '../support/clauses.js'

writeFileSync(new URL('../clauses.md', import.meta.url), clausesText())
writeFileSync(new URL('../clauses.json', import.meta.url), clausesJson())

/** Writes test/vectors anew: `tsx test/tools/make-vectors.ts`. Published cases must come out as they were. */

import { writeFileSync } from 'node:fs'
import { vectorFiles } from './vectors/files.js'

const folder = new URL('../vectors/', import.meta.url)

for (const { name, text } of vectorFiles()) writeFileSync(new URL(name, folder), text)

/**
 * Writes the page of `ptncn explore`.
 *
 *     tsx test/tools/explore/build.ts dist/explore.html
 */

import { writeFileSync } from 'node:fs'
import { explorePage } from './page.js'

const [out] = process.argv.slice(2)
if (out === undefined) throw new Error('expected the file to write, got none')
writeFileSync(out, await explorePage())

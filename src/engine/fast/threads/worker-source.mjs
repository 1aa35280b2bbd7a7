/** Starts worker.ts from the sources, where tsx runs them: it does not reach into threads by itself. */

import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')

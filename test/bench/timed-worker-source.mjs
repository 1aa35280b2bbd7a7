/** Starts timed-worker.ts, as tsx does not reach into threads by itself. */

import { register } from 'tsx/esm/api'

register()
await import('./timed-worker.ts')

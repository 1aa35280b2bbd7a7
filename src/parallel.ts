/** `ptncn/parallel`: the engine on several threads of Node. */

export { parallelEngine, type ParallelOptions } from './engine/fast/parallel.js'

/** `ptncn/conform`: the kit that judges ports, for programs; people have the command `ptncn conform`. */

export { conform, type Output, type Settings } from './conform/run.js'
export { STATUS } from './conform/session.js'
export { LIMITS, type Limits } from './conform/port/connection.js'
export { serveLine } from './conform/reference.js'
export type { Level } from './conform/equations/rounding.js'

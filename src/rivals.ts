/** `ptncn/rivals`: the methods that P-TNCN is compared with, behind the interface of its engines. */

export { binary64, type Algebra } from './rivals/algebra.js'
export { bptt, lstm, tbptt } from './rivals/bptt.js'
export { esn, ESN_DEFAULTS, type EsnSettings } from './rivals/esn.js'
export { fastAlgebra } from './rivals/fast-algebra.js'
export { RIVAL_DEFAULTS, type Rival, type RivalConfig, type RivalModel, type Tensors } from './rivals/rival.js'
export { rtrl } from './rivals/rtrl.js'
export { sab, SAB_DEFAULTS, type SabSettings } from './rivals/sab.js'
export { uoro } from './rivals/uoro.js'

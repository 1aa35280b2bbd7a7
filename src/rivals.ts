/** `ptncn/rivals`: the methods that P-TNCN is compared with, behind the interface of its engines. */

export { binary64, type Algebra } from './rivals/algebra.js'
export { bptt, lstm, tbptt } from './rivals/bptt.js'
export { esn, ESN_DEFAULTS, type EsnSettings } from './rivals/esn.js'
export { fastAlgebra } from './rivals/fast-algebra.js'
export { RIVAL_DEFAULTS, type Rival, type RivalConfig, type RivalModel, type Tensors } from './rivals/rival.js'
export { rflo, RFLO_DEFAULTS, type RfloSettings } from './rivals/rflo.js'
export { rtrl } from './rivals/rtrl.js'
export { rtu } from './rivals/rtu.js'
export { sab, SAB_DEFAULTS, type SabSettings } from './rivals/sab.js'
export { snap1 } from './rivals/snap1.js'
export { tpc, TPC_DEFAULTS, type TpcSettings } from './rivals/tpc.js'
export { uoro } from './rivals/uoro.js'

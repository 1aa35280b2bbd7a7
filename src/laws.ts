/** `ptncn/laws`: is a learning rule local and online, and does it do without derivatives? For rules of anybody's. */

export { checkRule, findingsText, type CheckOptions, type Counterexample, type Finding } from './laws/check.js'
export type { LearningRule, Moment, Places, Responded, Response, Setup, Tensors } from './laws/rule.js'
export { ptncnRule } from './laws/ptncn-rule.js'

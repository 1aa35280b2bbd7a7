/** The numbers by which the kernels know what to do: one text for TypeScript and for the kernels' AssemblyScript. */

/** f. [ar-units] */
export const enum Unit {
  tanh,
  sigmoid,
  relu,
  relu6,
  ltanh,
  sign,
  step,
  identity,
}

/** O3, or the sum of a sequence. [O3] [sq-update] */
export const enum Move {
  sgd,
  momentum,
  nesterov,
  adam,
  rmsprop,
  beginSum,
  addToSum,
}

/** S1 to S3. [S1] [S2] [S3] */
export const enum Loss {
  softmax,
  sigmoid,
  identity,
}

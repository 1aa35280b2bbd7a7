/** Well-known data sets, each file by the SHA-256 of what it holds, unpacked: names and folders can say anything. */

import type { DataFile } from './task.js'

const KNOWN: Readonly<Record<string, string>> = {
  ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db: 'MNIST',
  '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7': 'MNIST',
  '8e7f38ae95cc8f48e0986175ffc9137e5007ebcf3d8fdf6656c904eb9dab198b': 'notMNIST',
  fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf: 'Penn Treebank',
  c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2: 'Penn Treebank',
  dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0: 'Penn Treebank',
}

/** The data set that all of these files belong to, if it is a known one. */
export const knownAs = (files: readonly DataFile[]): string | undefined => {
  const [name, ...others] = files.map(({ sha256 }) => (Object.hasOwn(KNOWN, sha256) ? KNOWN[sha256] : undefined))
  return others.every((other) => other === name) ? name : undefined
}

/** The Python of this machine, where it has what a test needs. */

import { spawnSync } from 'node:child_process'

/** The command of a Python that has these modules; undefined where there is none. */
export const pythonWith = (...modules: readonly string[]): string | undefined =>
  [process.env['PTNCN_PYTHON'], 'python3', 'python'].find(
    (name) => name !== undefined && spawnSync(name, ['-c', `import ${modules.join(', ')}`]).status === 0,
  )

/** Why a test is skipped where there is none. */
export const skipWithout = (python: string | undefined, ...modules: readonly string[]): string | false =>
  python === undefined && `no Python with ${modules.join(', ')} here`

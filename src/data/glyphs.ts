/** Glyphs of the letters A to J that come with the package. */

import { PtncnError } from '../errors.js'
import type { GreyImages } from './digits.js'

export const embeddedGlyphs = (): { readonly training: GreyImages; readonly test: GreyImages } => {
  const message = 'this version comes without glyphs; name a folder that has notMNIST: --data FOLDER'
  throw new PtncnError('UsageError', message, undefined)
}

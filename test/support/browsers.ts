/** The browsers that are on this machine. */

import { spawnSync } from 'node:child_process'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { chromium, firefox, webkit } from 'playwright-core'

export interface Found {
  readonly name: string
  readonly launch: () => Promise<Browser>
  /** what a context of it cannot be told */
  readonly context: BrowserContextOptions
}

const isThere = (command: string): boolean => spawnSync(command, ['--version']).status === 0
const commandOf = (...names: readonly string[]): string | undefined => names.find(isThere)

const inPath = (command: string): string => spawnSync('which', [command], { encoding: 'utf8' }).stdout.trim()

const FIREFOX_DEFAULTS: BrowserContextOptions = { colorScheme: null, reducedMotion: null, forcedColors: null }

/** A browser that the library has fetched for itself, where it has. */
const fetched = async (): Promise<readonly Found[]> => {
  const { existsSync } = await import('node:fs')
  return existsSync(webkit.executablePath()) ? [{ name: 'WebKit', launch: () => webkit.launch(), context: {} }] : []
}

/** Those that there are, each with how it is started. */
export const browsers = async (): Promise<readonly Found[]> => {
  const [chrome, fox] = [commandOf('chromium', 'chromium-browser', 'google-chrome'), commandOf('firefox', 'firefox-esr')]
  const found: Found[] = []
  if (chrome) {
    const options = { executablePath: inPath(chrome), args: ['--no-sandbox'] }
    found.push({ name: 'Chromium', launch: () => chromium.launch(options), context: {} })
  }
  if (fox) {
    const options = { executablePath: inPath(fox), channel: 'moz-firefox' }
    found.push({ name: 'Firefox', launch: () => firefox.launch(options), context: FIREFOX_DEFAULTS })
  }
  return [...found, ...(await fetched())]
}

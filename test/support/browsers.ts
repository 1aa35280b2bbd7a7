/** The browsers that are on this machine. */

import { spawn, spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, firefox, type Browser, type BrowserContextOptions } from 'playwright-core'
import { freePort } from './serve.js'
import { playwrightVisit, webdriverVisit, type Visit } from './visit.js'

export interface Found {
  readonly name: string
  /** `prelude` is a script that runs in each page that is gone to */
  readonly visit: (prelude?: string) => Promise<Visit>
}

/** The path of the first of these commands that is there. */
const pathOf = (...names: readonly string[]): string | undefined =>
  names.map((name) => spawnSync('which', [name], { encoding: 'utf8' }).stdout?.trim()).find((path) => path)

const chrome = pathOf('chromium', 'chromium-browser', 'google-chrome')
const fox = pathOf('firefox', 'firefox-esr')

/** Chromium, to be driven in ways that the others are not; undefined where there is none. */
export const launchChromium: (() => Promise<Browser>) | undefined =
  chrome === undefined ? undefined : () => chromium.launch({ executablePath: chrome, args: ['--no-sandbox'] })

/** What Debian's Firefox cannot be told. */
const FIREFOX_DEFAULTS: BrowserContextOptions = { colorScheme: null, reducedMotion: null, forcedColors: null }

/** WebKitGTK, by its own driver; on a display of its own where there is none. */
const visitWebKit = async (prelude = ''): Promise<Visit> => {
  const port = await freePort()
  const driver = ['WebKitWebDriver', `--port=${port}`] as const
  const [command, ...args] = process.env['DISPLAY'] === undefined ? (['xvfb-run', '-a', ...driver] as const) : driver
  const child = spawn(command, args, { detached: true, stdio: 'ignore' })
  const stop = (): void => {
    try {
      process.kill(-child.pid!)
    } catch (error) {
      // it may have ended by itself
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  try {
    const server = `http://127.0.0.1:${port}`
    for (let tries = 0; !(await answers(server)); tries++) {
      if (tries === TRIES) throw new Error('WebKitWebDriver does not answer')
      await sleep(100)
    }
    return await webdriverVisit(server, stop, prelude)
  } catch (error) {
    stop()
    throw error
  }
}
const TRIES = 100

const answers = (server: string): Promise<boolean> =>
  fetch(`${server}/status`).then(
    () => true,
    () => false,
  )

/** Those that there are. */
export const browsers = (): readonly Found[] => {
  const found: Found[] = []
  if (launchChromium)
    found.push({ name: 'Chromium', visit: async (prelude = '') => playwrightVisit(await launchChromium(), {}, prelude) })
  if (fox) {
    const options = { executablePath: fox, channel: 'moz-firefox' }
    found.push({
      name: 'Firefox',
      visit: async (prelude = '') => playwrightVisit(await firefox.launch(options), FIREFOX_DEFAULTS, prelude),
    })
  }
  const hasDisplay = process.env['DISPLAY'] !== undefined || pathOf('xvfb-run')
  if (pathOf('WebKitWebDriver') && hasDisplay) found.push({ name: 'WebKit', visit: visitWebKit })
  return found
}

/** What is done with a page in any browser: few things, so that drivers of two kinds can do them alike. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { BrowserContextOptions, Browser as Driven } from 'playwright-core'
import { Builder, By, Key, type WebDriver } from 'selenium-webdriver'

/** One page in a browser of its own. Elements are named by selectors of CSS; each is waited for. */
export interface Visit {
  readonly go: (url: string) => Promise<void>
  readonly click: (css: string) => Promise<void>
  /** into an element: characters, or names of keys such as ArrowRight */
  readonly type: (css: string, ...keys: readonly string[]) => Promise<void>
  readonly choose: (css: string, option: string) => Promise<void>
  readonly upload: (css: string, path: string) => Promise<void>
  /** the value of an expression of the page, once it is truthy */
  readonly until: <T = unknown>(expression: string, patience?: number) => Promise<T>
  readonly close: () => Promise<void>
}

const PATIENCE = 20_000

/** By Playwright; `prelude` is a script that runs before those of a page. */
export const playwrightVisit = async (browser: Driven, options: BrowserContextOptions, prelude: string): Promise<Visit> => {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })).newPage()
  page.setDefaultTimeout(PATIENCE)
  await page.addInitScript(prelude)
  const one = (css: string) => page.locator(css).first()
  return {
    go: async (url) => void (await page.goto(url)),
    click: (css) => one(css).click(),
    type: async (css, ...keys) => {
      await one(css).focus()
      for (const key of keys) await page.keyboard.press(key)
    },
    choose: async (css, option) => void (await one(css).selectOption(option)),
    upload: (css, path) => one(css).setInputFiles(path),
    // the page's policy forbids waitForFunction what it does with text
    until: async (expression, patience = PATIENCE) => {
      const end = performance.now() + patience
      while (performance.now() < end) {
        const value = await page.evaluate(expression)
        if (value) return value as never
        await sleep(50)
      }
      throw new Error(`in vain: ${expression}`)
    },
    close: () => browser.close(),
  }
}

const NAMED: Readonly<Record<string, string>> = { ArrowRight: Key.ARROW_RIGHT, ArrowDown: Key.ARROW_DOWN }

/** By a server of the WebDriver protocol, which can run a prelude only once a page is there. */
export const webdriverVisit = async (server: string, stop: () => void, prelude: string): Promise<Visit> => {
  const driver: WebDriver = await new Builder().usingServer(server).withCapabilities({ browserName: 'MiniBrowser' }).build()
  const one = (css: string) => driver.wait(async () => (await driver.findElements(By.css(css)))[0], PATIENCE, `no ${css}`)
  return {
    go: async (url) => {
      await driver.get(url)
      await driver.executeScript(prelude)
    },
    click: async (css) => {
      const element = await one(css)
      await driver.executeScript('arguments[0].scrollIntoView({ block: "center" })', element)
      await element!.click()
    },
    type: async (css, ...keys) => {
      await driver.executeScript('arguments[0].focus()', await one(css))
      for (const key of keys)
        await driver
          .actions()
          .sendKeys(NAMED[key] ?? key)
          .perform()
    },
    choose: async (css, option) => {
      const element = await one(css)
      await element!.findElement(By.css(`option[value="${option}"]`)).click()
    },
    upload: async (css, path) => (await one(css))!.sendKeys(path),
    until: async (expression, patience = PATIENCE) =>
      (await driver.wait(() => driver.executeScript(`return ${expression}`), patience, `in vain: ${expression}`)) as never,
    close: async () => {
      try {
        await driver.quit()
      } finally {
        stop()
      }
    },
  }
}

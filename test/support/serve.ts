/** Files over http, to this machine alone. */

import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const TYPES: Readonly<Record<string, string>> = { html: 'text/html', mjs: 'text/javascript', wasm: 'application/wasm' }

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

/** A port that nobody listens at. */
export const freePort = async (): Promise<number> => {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Serves the file that `pathOf` gives for a name with this ending; the task gets the origin. */
export const served = async <T>(
  pathOf: (name: string, ending: string) => string,
  task: (origin: string) => Promise<T>,
): Promise<T> => {
  const server = createServer((request, response) => {
    const name = new URL(request.url!, 'http://here').pathname.slice(1)
    const ending = name.slice(name.lastIndexOf('.') + 1)
    try {
      const body = readFileSync(pathOf(name, ending))
      response.writeHead(200, { 'content-type': TYPES[ending] ?? 'application/octet-stream' }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  try {
    return await task(`http://127.0.0.1:${await listening(server)}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

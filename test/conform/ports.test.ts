/** The ports in test/ports, each where its toolchain is; and the stubs, from nothing to a first verdict. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { portNotes } from '../support/clauses.js'
import { command, root } from '../support/runs.js'
import { readCaps, readLine, type Fields } from '../../src/conform/port/wire.js'
import { publishedCases } from '../../src/conform/vectors.js'

const folder = mkdtempSync(join(tmpdir(), 'ptncn-ports-'))
after(() => rmSync(folder, { recursive: true }))

const run = (command: readonly string[], cwd = folder) => spawnSync(command[0]!, command.slice(1), { cwd, encoding: 'utf8' })
const ptncn = (...args: readonly string[]) => run([process.execPath, ...command, ...args], root)
const there = (...command: readonly string[]): boolean => run(command).status === 0
const port = (...path: readonly string[]): string => join(root, 'test', 'ports', ...path)

const compiler = ['cc', 'gcc', 'clang'].find((name) => there(name, '--version'))
const python = [process.env['PTNCN_PYTHON'], 'python3', 'python'].find(
  (name) => name !== undefined && there(name, '-c', 'import numpy'),
)

const rust = there('rustc', '--version') ? false : 'no Rust compiler here'

/** what is put to ports of 0.2.0 alone */
const LATER = publishedCases().filter(({ spec }) => spec !== '0.1.0').length

const verdict = (level: string, command: readonly string[], { skipped = 0, fuzzed = 200 } = {}): void => {
  const cases = publishedCases().length + fuzzed
  const { status, stdout } = ptncn(
    'conform',
    '--level',
    level,
    '--fuzz',
    `${fuzzed}`,
    '--counterexample',
    join(folder, 'counterexample.json'),
    '--',
    ...command,
  )
  assert.equal(status, 0, stdout)
  assert.match(
    stdout,
    new RegExp(
      `${cases} cases: ${cases - skipped} passed, 0 failed, ${skipped} skipped, 0 not run.*\\n(.*\\n)*.*conforms at the level ${level}`,
    ),
  )
}

/** What a port says of itself is what test/ports/ports.json says of its language. */
const saysAsNoted = (language: string, command: readonly string[]): void => {
  const input = '{"id":1,"op":"hello","protocols":[1],"spec":"0.2.0","kit":"0.2.0"}\n{"op":"bye"}\n'
  const { stdout } = spawnSync(command[0]!, command.slice(1), { input, encoding: 'utf8' })
  const said = readLine(stdout.trim())!
  assert.equal((said['port'] as Fields)['language'], language)
  const noted = portNotes().find((one) => one.language === language)
  assert.deepEqual(noted?.caps, readCaps(said['caps'], said['specs'] as never))
}

const noC = compiler ? false : 'no C compiler here'

const compileC = (source: string, to: string): readonly string[] => {
  const made = run([compiler!, '-O2', '-std=c99', '-ffp-contract=off', '-o', to, source, '-lm'])
  assert.equal(made.status, 0, made.stderr)
  return [join(folder, to)]
}

test('[pr-verdict] the port in C conforms to the bit', { skip: noC }, () => {
  const started = compileC(port('c', 'port.c'), 'c-port')
  saysAsNoted('C', started)
  verdict('bit', started)
})

test('[pr-verdict] [pr-hello] a port of 0.1.0 conforms to the bit and is sent no later field', { skip: noC }, () => {
  const later = readFileSync(port('c', 'port.c'), 'utf8')
  const replaced = (text: string, what: string, by: string): string => {
    assert.ok(text.includes(what), what)
    return text.replace(what, by)
  }
  // it refuses the later fields, as a port that knows nothing of them does
  const specs = replaced(later, String.raw`[\"0.1.0\",\"0.2.0\"]`, String.raw`[\"0.1.0\"]`)
  const names = replaced(specs, 'if (!f && i >= SIGNAL) {', 'if (i >= SIGNAL) { need(!f);')
  writeFileSync(join(folder, 'first.c'), replaced(names, 'if (!f && i >= RATE_FAN_IN) {', 'if (i >= RATE_FAN_IN) { need(!f);'))
  verdict('bit', compileC('first.c', 'first-port'), { skipped: LATER })
})

test('[pr-verdict] the port in Python conforms within the bounds', { skip: python ? false : 'no Python with NumPy here' }, () => {
  const started = [python!, port('python', 'port.py')]
  saysAsNoted('Python', started)
  verdict('tol', started)
})

test('[pr-verdict] the port in Rust conforms to the bit', { skip: rust }, () => {
  const made = run(['rustc', '-O', '-D', 'warnings', '-o', 'rust-port', port('rust', 'port.rs')])
  assert.equal(made.status, 0, made.stderr)
  saysAsNoted('Rust', [join(folder, 'rust-port')])
  verdict('bit', [join(folder, 'rust-port')])
})

test('[pr-verdict] the port in Go conforms to the bit', { skip: there('go', 'version') ? false : 'no Go compiler here' }, () => {
  const made = run(['go', 'build', '-o', 'go-port', port('go', 'port.go')])
  assert.equal(made.status, 0, made.stderr)
  saysAsNoted('Go', [join(folder, 'go-port')])
  verdict('bit', [join(folder, 'go-port')], { fuzzed: 60 })
})

test('[pr-verdict] the port in Java conforms to the bit', { skip: there('javac', '--version') ? false : 'no JDK here' }, () => {
  const made = run(['javac', '-Xlint:all', '-Werror', '-d', 'java-port', port('java', 'Port.java')])
  assert.equal(made.status, 0, made.stderr)
  const started = ['java', '-cp', join(folder, 'java-port'), 'Port']
  saysAsNoted('Java', started)
  verdict('bit', started, { fuzzed: 60 })
})

test('[pr-verdict] the port in JavaScript conforms to the bit', () => {
  const started = [process.execPath, port('javascript', 'port.mjs')]
  saysAsNoted('JavaScript', started)
  verdict('bit', started, { fuzzed: 60 })
})

test('[pr-verdict] a mistake planted in the port in Rust is found and named', { skip: rust }, () => {
  const right = readFileSync(port('rust', 'port.rs'), 'utf8')
  const wrong = right.replace('h - alpha * e', 'h + alpha * e')
  assert.notEqual(wrong, right)
  writeFileSync(join(folder, 'wrong.rs'), wrong)
  const made = run(['rustc', '-o', 'wrong-rust-port', 'wrong.rs'])
  assert.equal(made.status, 0, made.stderr)
  const { status, stdout } = ptncn('conform', '--only', 'correct-four-layers', '--', join(folder, 'wrong-rust-port'))
  assert.equal(status, 1, stdout)
  assert.match(stdout, /first wrong: C2 [^]*looks like: C2 with alpha with the other sign/)
})

const STUBS: readonly (readonly [
  language: string,
  tool: readonly string[],
  make: readonly string[],
  start: readonly string[],
])[] = [
  ['python', ['python3', '--version'], [], ['python3', join(folder, 'python', 'port.py')]],
  [
    'c',
    [compiler ?? 'cc', '--version'],
    [compiler ?? 'cc', '-O2', '-std=c99', '-ffp-contract=off', '-o', join(folder, 'stub-c'), join(folder, 'c', 'port.c')],
    [join(folder, 'stub-c')],
  ],
  [
    'rust',
    ['rustc', '--version'],
    ['rustc', '-o', join(folder, 'stub-rust'), join(folder, 'rust', 'port.rs')],
    [join(folder, 'stub-rust')],
  ],
  [
    'go',
    ['go', 'version'],
    ['go', 'build', '-o', join(folder, 'stub-go'), join(folder, 'go', 'port.go')],
    [join(folder, 'stub-go')],
  ],
  [
    'java',
    ['javac', '--version'],
    ['javac', '-Xlint:all', '-Werror', '-d', join(folder, 'stub-java'), join(folder, 'java', 'Port.java')],
    ['java', '-cp', join(folder, 'stub-java'), 'Port'],
  ],
  [
    'csharp',
    ['dotnet', '--version'],
    ['dotnet', 'build', join(folder, 'csharp', 'Port.csproj'), '-o', join(folder, 'stub-csharp')],
    ['dotnet', join(folder, 'stub-csharp', 'Port.dll')],
  ],
  ['javascript', [process.execPath, '--version'], [], [process.execPath, join(folder, 'javascript', 'port.mjs')]],
  ['julia', ['julia', '--version'], [], ['julia', join(folder, 'julia', 'port.jl')]],
]

for (const [language, tool, make, start] of STUBS) {
  test(
    `[pr-hello] the stub in ${language} shakes hands, and is told what to fill in first`,
    { skip: there(...tool) ? false : `no ${tool[0]} here` },
    () => {
      assert.match(
        ptncn('conform', 'init', '--lang', language, join(folder, language)).stdout,
        /answers hello[^]*ptncn conform --smoke/,
      )
      if (make.length > 0) assert.equal(run(make).status, 0)
      const { status, stdout } = ptncn('conform', '--smoke', '--', ...start)
      assert.equal(status, 1, stdout)
      assert.match(stdout, /FAIL advance-1-layers {3}refused\n {2}the port says unsupported: fill in A1/)
      const input = '{"op":"equation","id":7}\n{"id":8,"op":"learn"}\r\n{"op":"bye"}\n{"id":9,"op":"step"}\n'
      const shell = spawnSync(start[0]!, start.slice(1), { input, encoding: 'utf8' })
      assert.equal(shell.status, 0, shell.stderr)
      const answers = shell.stdout.trim().split('\n')
      const told = answers.map((line) => JSON.parse(line) as { id: number; ok: boolean; kind: string })
      assert.deepEqual(
        told.map(({ id, ok, kind }) => [id, ok, kind]),
        [7, 8].map((id) => [id, false, 'unsupported']),
      )
      const again = ptncn('conform', 'init', '--lang', language, join(folder, language))
      assert.equal(again.status, 2)
      assert.match(again.stderr, /expected no file of this name yet/)
    },
  )
}

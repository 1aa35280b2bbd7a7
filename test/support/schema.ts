/** The part of JSON Schema that test/vectors/schema.json uses; any other word in a schema is an error. */

type Schema = Readonly<Record<string, unknown>>

const NOTES = ['$schema', '$defs', 'title', 'description']

const typeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : Number.isInteger(value) ? 'integer' : typeof value

type Check = (wanted: never, value: never, at: string, root: Schema, schema: Schema) => readonly string[]

const complain = (holds: boolean, at: string, what: string): readonly string[] => (holds ? [] : [`${at}: ${what}`])
const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeOf(value) === 'object' ? (value as Record<string, unknown>) : undefined

const CHECKS: Readonly<Record<string, Check>> = {
  type: (wanted: string, value: unknown, at) =>
    complain(typeOf(value) === wanted, at, `expected ${wanted}, got ${typeOf(value)}`),
  const: (wanted: unknown, value: unknown, at) => complain(value === wanted, at, `expected ${String(wanted)}`),
  enum: (wanted: readonly unknown[], value: unknown, at) =>
    complain(wanted.includes(value), at, `expected one of ${wanted.join(', ')}`),
  pattern: (wanted: string, value: string, at) =>
    complain(typeof value === 'string' && new RegExp(wanted).test(value), at, `expected ${wanted}`),
  minimum: (wanted: number, value: number, at) => complain(value >= wanted, at, `expected at least ${wanted}`),
  maximum: (wanted: number, value: number, at) => complain(value <= wanted, at, `expected at most ${wanted}`),
  minLength: (wanted: number, value: string, at) => complain(value?.length >= wanted, at, 'is empty'),
  minItems: (wanted: number, value: readonly unknown[], at) =>
    complain(value?.length >= wanted, at, `expected at least ${wanted} items`),
  maxItems: (wanted: number, value: readonly unknown[], at) =>
    complain(value?.length <= wanted, at, `expected at most ${wanted} items`),
  required: (wanted: readonly string[], value: unknown, at) =>
    wanted.flatMap((name) => complain(record(value) !== undefined && name in record(value)!, at, `lacks ${name}`)),
  items: (wanted: Schema, value: readonly unknown[], at, root) =>
    Array.isArray(value) ? value.flatMap((item, i) => violations(wanted, item, `${at}[${i}]`, root)) : [],
  properties: (wanted: Readonly<Record<string, Schema>>, value: unknown, at, root) =>
    Object.entries(wanted).flatMap(([name, schema]) =>
      record(value) && name in record(value)! ? violations(schema, record(value)![name], `${at}.${name}`, root) : [],
    ),
  additionalProperties: (wanted: false | Schema, value: unknown, at, root, schema) =>
    Object.entries(record(value) ?? {})
      .filter(([name]) => !(name in ((schema['properties'] as object) ?? {})))
      .flatMap(([name, item]) =>
        wanted === false ? [`${at}: ${name} is not known`] : violations(wanted, item, `${at}.${name}`, root),
      ),
  $ref: (wanted: string, value: unknown, at, root) =>
    violations((root['$defs'] as Record<string, Schema>)[wanted.replace('#/$defs/', '')]!, value, at, root),
}

/** What in `value` is not as the schema has it, with the way to it. */
export const violations = (schema: Schema, value: unknown, at = '', root: Schema = schema): readonly string[] =>
  Object.entries(schema).flatMap(([word, wanted]) => {
    if (NOTES.includes(word)) return []
    const check = CHECKS[word]
    if (!check) throw new Error(`the schema says ${word}, which is not known here`)
    return check(wanted as never, value as never, at, root, schema)
  })

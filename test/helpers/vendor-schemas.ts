import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import formats from 'ajv-formats'
import { OpenAPIBackend, type Document, type Operation } from 'openapi-backend'
import { z } from 'zod'
import type { RecordedCall } from '#src/sandbox/http/recorded-call.ts'

/** The vendors whose OpenAPI documents are at hand. */
export type Vendor = 'okta' | 'graph'

const documents = {
  okta: { file: 'okta-users.openapi.json', root: '/' },
  graph: { file: 'graph-users.openapi.json', root: '/v1.0' },
} as const

/** Documented calls that were left out when the documents were cut. */
const beyondTheCut: Readonly<Record<Vendor, RegExp>> = {
  okta: /^$/u,
  graph: /^GET \/v1\.0\/roleManagement\/directory\/roleEligibilitySchedule(s|Instances)$/u,
}

const folder = process.env['DRAWBRIDGE_VENDOR_SCHEMAS'] ?? join(import.meta.dirname, '../../../shared/data')

/** Whether the documents are at hand. The product carries no copy: without them `describe.skipIf` leaves their suites out. */
export const hasVendorSchemas = Object.values(documents).every(({ file }) => existsSync(join(folder, file)))

// One per test process: reading takes some 10 ms, each operation compiles when it is first used.
const loaded = new Map<Vendor, Promise<OpenAPIBackend>>()

/**
 * Holds finished calls against what the vendor published: the path and method exist, parameters and body are allowed, and the
 * answer has the published shape. Answers that a fault made up are left alone. An empty list means that all is well.
 */
export async function checkCalls(vendor: Vendor, calls: readonly RecordedCall[]): Promise<readonly string[]> {
  const api = loaded.get(vendor) ?? load(vendor)
  loaded.set(vendor, api)
  const backend = await api
  const within = calls.filter(({ method, path }) => !beyondTheCut[vendor].test(`${method} ${path}`))
  return within.flatMap((call) =>
    check(backend, call).map((problem) => `${call.method} ${call.path}: ${problem}`),
  )
}

async function load(vendor: Vendor): Promise<OpenAPIBackend> {
  const { file, root } = documents[vendor]
  const text = await readFile(join(folder, file), 'utf8')
  return await new OpenAPIBackend({
    definition: readDocument(text),
    apiRoot: root,
    quick: true, // compiles on use; the documents were checked when they were cut
    customizeAjv: (ajv) => {
      formats.default(ajv)
      return ajv.addFormat('base64url', /^[\w-]*$/u)
    },
  }).init()
}

const isDocument = (value: unknown): value is Document =>
  z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }).safeParse(value).success

function readDocument(text: string): Document {
  const document: unknown = JSON.parse(text)
  if (!isDocument(document)) throw new Error('This is no OpenAPI document')
  return document
}

function check(backend: OpenAPIBackend, call: RecordedCall): readonly string[] {
  if (call.status === undefined) return []
  const request = {
    method: call.method,
    path: plainKeys(call.path),
    query: queryOf(call.query),
    headers: { ...call.headers },
    ...(call.requestBody !== '' && { body: call.requestBody }),
  }
  const operation = backend.matchOperation(request)
  if (operation === undefined) return ['the vendor documents no such call']
  // What was refused as malformed need not be right, as long as the refusal has the right shape.
  const asked =
    call.status === 400 || call.status === 415 ? [] : problemsOf(backend.validateRequest(request, operation))
  return [...asked, ...checkAnswer(backend, operation, call)]
}

function checkAnswer(backend: OpenAPIBackend, operation: Operation, call: RecordedCall): readonly string[] {
  if (call.status === undefined || call.status === 0 || call.isMadeUp === true) return []
  const statuses = Object.keys(operation.responses ?? {})
  const known = [String(call.status), `${String(call.status)[0]}XX`, 'default']
  if (!known.some((one) => statuses.includes(one))) return [`${call.status} is not documented`]
  // The library validates an answer without body as null.
  const problems = problemsOf(backend.validateResponse(call.responseBody ?? null, operation, call.status))
  return problems.map((problem) => `${call.status} ${problem}`)
}

function problemsOf(result: ReturnType<OpenAPIBackend['validateRequest']>): readonly string[] {
  return (result.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  )
}

// OData allows `/users('a')` for `/users/a`.
function plainKeys(path: string): string {
  return path.replaceAll(/\((?:'|%27)(.*?)(?:'|%27)\)/gu, '/$1')
}

function queryOf(query: string): Record<string, string | string[]> {
  const all = new URLSearchParams(query)
  return Object.fromEntries(
    [...new Set(all.keys())].map((name) => {
      const values = all.getAll(name)
      return [name, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

// Okta's document names few of the statuses that its pages describe: 401 nowhere, none from 500.
const undocumented = /: (401|50\d) is not documented$/u

/** A stand-in of a vendor's system, with what it was asked and what it found wrong with that. */
interface StandIn {
  readonly calls: readonly RecordedCall[]
  readonly complaints: readonly string[]
}

/** Throws what the vendors would say about these calls; only complaints where their documents are not at hand. */
export async function mustBeAsPublished({ okta, graph }: { okta?: StandIn; graph?: StandIn }): Promise<void> {
  const problems = [okta, graph].flatMap((one) => one?.complaints ?? [])
  if (hasVendorSchemas) {
    const answers = await checkCalls('okta', okta?.calls ?? [])
    problems.push(...answers.filter((problem) => !undocumented.test(problem)))
    problems.push(...(await checkCalls('graph', graph?.calls ?? [])))
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

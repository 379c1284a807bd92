import { expect } from 'vitest'
import { type Entra, type EntraOptions, startEntra } from '#src/sandbox/graph/start.ts'
import { checkCalls, hasVendorSchemas } from '#test/helpers/vendor-schemas.ts'

/** An answer as a test looks at it. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: any // oxlint-disable-line typescript/no-explicit-any -- tests look at what they expect
}

/** A caller with a token of the tenant. */
export interface Caller {
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>
  readonly send: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer>
  /** Leaves the token away and gets a new one. */
  readonly renew: () => Promise<void>
}

/** The header of advanced queries. */
export const eventual = { consistencylevel: 'eventual' } as const

/** A tenant with a caller; at its end every recorded answer is held against the published document. */
export async function startTenant(
  options: EntraOptions = {},
): Promise<{ entra: Entra; graph: Caller } & AsyncDisposable> {
  const entra = await startEntra(options)
  const graph = createCaller(entra)
  return {
    entra,
    graph,
    [Symbol.asyncDispose]: async () => {
      await entra.close()
      if (hasVendorSchemas) expect(await checkCalls('graph', entra.calls.filter(isDocumented))).toEqual([])
    },
  }
}

// Paths and methods that tests ask for on purpose although nobody documents them.
function isDocumented({ path, status }: { path: string; status: number | undefined }): boolean {
  return status !== 405 && !/\/(beta|nowhere)/u.test(path)
}

/** The form of a client secret. */
export function secretForm(entra: Entra): Record<string, string> {
  return {
    grant_type: 'client_credentials',
    client_id: entra.app.clientId,
    client_secret: entra.app.clientSecret,
    scope: `${entra.graphUrl}/.default`,
  }
}

/** Asks for a token. */
export async function askToken(
  entra: Entra,
  form: Record<string, string>,
  tenant = entra.tenantId,
): Promise<Answer> {
  const response = await fetch(`${entra.authorityUrl}/${tenant}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  })
  return await answerOf(response)
}

function createCaller(entra: Entra): Caller {
  let token: Promise<string> | undefined
  const ask = async (): Promise<string> => {
    const { body } = await askToken(entra, secretForm(entra))
    return body.access_token
  }
  const send: Caller['send'] = async (method, path, body, headers = {}) => {
    token ??= ask()
    const response = await fetch(`${entra.graphUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return await answerOf(response)
  }
  return {
    send,
    get: (path, headers) => send('GET', path, undefined, headers),
    renew: async () => {
      token = ask()
      await token
    },
  }
}

/** Reads an address without a token. */
export async function read(url: string): Promise<Answer> {
  return await answerOf(await fetch(url))
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

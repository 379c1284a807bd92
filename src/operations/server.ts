import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import type { Log } from '#src/log.ts'
import type { Metrics } from '#src/operations/metrics.ts'

/** One thing that has to be there before work can be done. */
export interface ReadinessCheck {
  /** E.g. `slack` or `database`. */
  readonly part: string
  /** A short reason why not, or undefined when all is well. A throw counts as a reason; its message is for the log only. */
  readonly reason: (signal: AbortSignal) => string | undefined | Promise<string | undefined>
}

/** What the server for health and metrics is made of. */
export interface OperationsDeps {
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
  readonly readiness: readonly ReadinessCheck[]
  /** What is told beside readiness and does not make it unready: other replicas could do no better. */
  readonly alsoTold?: readonly ReadinessCheck[]
  readonly metrics: Metrics
  readonly log: Log
  /** How long one readiness check may take; 2 s unless a test says otherwise. */
  readonly checkTimeoutMs?: number
}

/** The server for health and metrics while it runs; disposing of it closes it. */
export interface OperationsServer extends AsyncDisposable {
  readonly url: string
}

/** The address is somebody else's, or not this machine's. The sentence says what to do. */
export class OperationsAddressError extends Error {
  constructor(host: string, port: number, cause: unknown) {
    const sentence = `Health and metrics cannot be served on ${host}:${port}. Set operations.port (and host) to an address that is free.`
    super(sentence, { cause })
    this.name = 'OperationsAddressError'
  }
}

/**
 * Serves `/healthz` (the process is alive), `/readyz` (200, or 503 with the reasons as JSON; `also` beside both) and `/metrics` (Prometheus
 * text). Holds nothing personal and asks for no sign-in. Throws `OperationsAddressError`.
 */
export async function createOperationsServer(deps: OperationsDeps): Promise<OperationsServer> {
  const server = createAdaptorServer({ fetch: routes(deps).fetch })
  server.listen(deps.port, deps.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new OperationsAddressError(deps.host, deps.port, error)
  }
  const { address, family, port } = addressOf(server.address())
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (typeof address === 'object' && address !== null) return address
  throw new Error('a listening TCP server has an address')
}

function routes(deps: OperationsDeps): Hono {
  const app = new Hono()
  app.get('/healthz', (context) => context.json({ status: 'alive' }))
  app.get('/readyz', async (context) => {
    const reasons = await reasonsOf(deps, deps.readiness)
    const also = await reasonsOf(deps, deps.alsoTold ?? [])
    const told = also.length === 0 ? {} : { also }
    return reasons.length === 0
      ? context.json({ status: 'ready', ...told })
      : context.json({ status: 'not ready', reasons, ...told }, 503)
  })
  app.get('/metrics', async (context) =>
    context.body(await deps.metrics.text(), 200, { 'content-type': deps.metrics.contentType }),
  )
  app.notFound((context) => context.json({ paths: ['/healthz', '/readyz', '/metrics'] }, 404))
  app.onError((error, context) => {
    deps.log.error({ err: error, path: context.req.path }, 'an operations request failed')
    return context.json({ status: 'failed' }, 500)
  })
  return app
}

interface Reason {
  readonly part: string
  readonly reason: string
}

async function reasonsOf(
  deps: OperationsDeps,
  checks: readonly ReadinessCheck[],
): Promise<readonly Reason[]> {
  const reasons = await Promise.all(
    checks.map(async ({ part, reason }): Promise<readonly Reason[]> => {
      const found = await ask(deps, part, reason)
      return found === undefined ? [] : [{ part, reason: found }]
    }),
  )
  return reasons.flat()
}

async function ask(
  deps: OperationsDeps,
  part: string,
  reason: ReadinessCheck['reason'],
): Promise<string | undefined> {
  const limit = AbortSignal.timeout(deps.checkTimeoutMs ?? 2_000)
  try {
    return await Promise.race([Promise.resolve(reason(limit)), rejectionOf(limit)])
  } catch (error) {
    deps.log.warn({ err: error, part }, 'a readiness check failed')
    return limit.aborted ? 'does not answer in time' : 'does not answer'
  }
}

function rejectionOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

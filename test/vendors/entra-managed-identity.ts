import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { App } from '#src/sandbox/graph/entra.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { failure } from '#test/helpers/connector-failure.ts'
import { createMovedClock, type MovedClock } from '#test/helpers/moved-clock.ts'
import { type EntraFixture, startEntra } from '#test/vendors/entra-fixture.ts'

const never = new AbortController().signal
const query = { kind: 'address', value: 'alice@corp.example' } as const
const token = { path: /\/token\/?$/u } as const

/**
 * What a managed identity does, wherever it comes from. `variables` are those that the place gives its programs. Microsoft's
 * library keeps the first place that it saw for as long as a process lives, so one test file knows one place.
 */
export function describeManagedIdentity(
  place: string,
  variables: (at: App['managedIdentity']) => Readonly<Record<string, string>>,
): void {
  describe(`a managed identity from ${place}`, () => {
    let entra: EntraFixture
    let clock: MovedClock
    let alice: string
    let authorityPort: number | undefined

    beforeEach(async () => {
      clock = createMovedClock(new Date().toISOString())
      const now = () => clock.now().getTime()
      entra = await startEntra({
        now,
        identityHeader: 'of-this-host',
        settings: { tokenSeconds: 3_600 },
        ...(authorityPort !== undefined && { authorityPort }),
      })
      authorityPort = Number(new URL(entra.tenant.authorityUrl).port)
      alice = entra.add('alice')
      for (const [name, value] of Object.entries(variables(entra.tenant.app.managedIdentity)))
        vi.stubEnv(name, value)
    })

    afterEach(async () => {
      vi.unstubAllEnvs()
      await entra.ended()
    })

    const connect = (settings: { readonly clientId?: string | undefined } = {}, callTimeoutMs = 10_000) =>
      entra.connect({ clock, callTimeoutMs }, { clientSecret: undefined, managedIdentity: true, ...settings })

    it.each([
      ['that it was given', {}],
      ['of its own', { clientId: undefined }],
    ])('%s is the whole proof, asked for once', async (_, settings) => {
      const connector = connect(settings)
      expect(
        await connector.find(query, never).catch((e) => {
          throw e
        }),
      ).toHaveLength(1)
      expect(await connector.disable(alice, memoryContext())).toMatchObject({ readBack: 'verified' })
      expect(entra.tenant.authorityCalls).toHaveLength(1)
      const [asked] = entra.tenant.authorityCalls
      expect(asked).toMatchObject({ method: 'GET', requestBody: '' })
      expect(asked?.query).toContain(`resource=${encodeURIComponent(entra.tenant.graphUrl)}`)
      expect((await connector.checkConnection(never)).credentialEndsAt).toBeUndefined()
    })

    it('that it does not know is refused', async () => {
      const connector = connect({ clientId: '11111111-2222-4333-8444-555555555555' })
      const { code, facts } = await failure(connector.find(query, never))
      expect([code, facts.detail]).toEqual(['bad_credentials', 'managed_identity_refused'])
    })

    it('is waited for as long as a call may take', async () => {
      entra.tenant.faults.whenever(token, { kind: 'hang' })
      const { code } = await failure(connect({}, 300).find(query, never))
      expect(code).toBe('timed_out')
    })

    it.each([
      ['is overloaded', { kind: 'page', status: 503 }],
      ['breaks off', { kind: 'cut' }],
    ] as const)('is asked for again later when the place %s', async (_, fault) => {
      const away = entra.tenant.faults.whenever(token, fault)
      const { code } = await failure(connect().find(query, never))
      expect(code).toBe('unavailable')
      away.lift()
      expect(await connect().find(query, never)).toHaveLength(1)
    })
  })
}

import { expect, it } from 'vitest'
import { modifyAsAdmin } from '#src/sandbox/directories/client.ts'
import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { controlsOf, startEstate, type SystemControl } from '#src/sandbox/estate.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

/** Whether Alice's password signs her in, at first and after each step. */
async function walk(system: SystemControl, lock: () => Promise<void>): Promise<readonly unknown[]> {
  const seen: unknown[] = []
  const look = async () => void seen.push(await system.signsIn().catch(() => 'no answer'))
  const steps = [lock, system.enable, system.takeDown, system.takeDown, system.bringBack]
  await look()
  for (const step of steps) {
    await step()
    await look()
  }
  return seen
}

const wanted = [true, false, true, 'no answer', 'no answer', true]

const patience = { timeout: 120_000 }
const describeSlapd = await describeWithDirectory('slapd')
const describeSamba = await describeWithDirectory('samba')

describeSlapd('The outside of slapd', patience, () => {
  it('enables Alice as an administrator would, goes down and comes back with what it knew', async () => {
    await using estate = await startEstate({ withSlapd: true, withSamba: false })
    const system = controlsOf(estate).find(({ id }) => id === 'unix-ldap')!
    const seen = await walk(system, () =>
      modifyAsAdmin(estate.slapd!.admin, personDn('anguyen'), [
        { name: 'pwdAccountLockedTime', values: ['000001010000Z'] },
      ]),
    )
    expect(seen).toEqual(wanted)
  })
})

describeSamba('The outside of Samba', patience, () => {
  it('enables Alice as an administrator would, goes down and comes back with what it knew', async () => {
    await using estate = await startEstate({ withSlapd: false, withSamba: true })
    const system = controlsOf(estate).find(({ id }) => id === 'corp-ad')!
    const seen = await walk(system, () =>
      modifyAsAdmin(estate.samba!.admin, domainPersonDn({ displayName: 'Alice Nguyen' }), [
        { name: 'userAccountControl', values: ['514'] },
      ]),
    )
    expect(seen).toEqual(wanted)
  })
})

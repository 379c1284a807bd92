import { expect, it } from 'vitest'
import { modifyAsAdmin } from '#src/sandbox/directories/client.ts'
import { domainPersonDn } from '#src/sandbox/directories/samba-data.ts'
import { personDn } from '#src/sandbox/directories/slapd-data.ts'
import { controlsOf, startEstate, type SystemControl } from '#src/sandbox/estate.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

async function lockedAndOpened(system: SystemControl, lock: () => Promise<void>): Promise<void> {
  expect(await system.signsIn()).toBe(true)
  await lock()
  expect(await system.signsIn()).toBe(false)
  await system.enable()
  expect(await system.signsIn()).toBe(true)
  await system.takeDown()
  await system.takeDown()
  await expect(system.signsIn()).rejects.toThrow()
  await system.bringBack()
  expect(await system.signsIn()).toBe(true)
}

const patience = { timeout: 120_000 }
const describeSlapd = await describeWithDirectory('slapd')
const describeSamba = await describeWithDirectory('samba')

describeSlapd('The outside of slapd', patience, () => {
  it('enables Alice as an administrator would, goes down and comes back with what it knew', async () => {
    await using estate = await startEstate({ withSlapd: true, withSamba: false })
    const system = controlsOf(estate).find(({ id }) => id === 'unix-ldap')!
    await lockedAndOpened(system, () =>
      modifyAsAdmin(estate.slapd!.admin, personDn('anguyen'), [
        { name: 'pwdAccountLockedTime', values: ['000001010000Z'] },
      ]),
    )
  })
})

describeSamba('The outside of Samba', patience, () => {
  it('enables Alice as an administrator would, goes down and comes back with what it knew', async () => {
    await using estate = await startEstate({ withSlapd: false, withSamba: true })
    const system = controlsOf(estate).find(({ id }) => id === 'corp-ad')!
    await lockedAndOpened(system, () =>
      modifyAsAdmin(estate.samba!.admin, domainPersonDn({ displayName: 'Alice Nguyen' }), [
        { name: 'userAccountControl', values: ['514'] },
      ]),
    )
  })
})

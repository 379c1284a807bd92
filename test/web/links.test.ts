import { describe, expect, it, onTestFinished } from 'vitest'
import { openStore } from '#db/store.ts'
import { addUser } from '#src/local-users/add.ts'
import type { LocalUserDeps } from '#src/local-users/deps.ts'
import { createLocalDirectory } from '#src/local-users/directory.ts'
import { changeLocalSettings } from '#src/local-users/settings.ts'
import { resetFactors } from '#src/sign-in/factors.ts'
import { auditTrail, lou } from '#test/helpers/local-admin.ts'
import { startWebStage } from '#test/helpers/web.ts'

const ann = 'ann@corp.example'
const first = 'violet tractor under ice'
const second = 'seven green umbrellas sing'
const stage = async () => {
  const store = await openStore('sqlite::memory:')
  onTestFinished(() => store.close())
  return await startWebStage(store)
}
const both = (password: string) => ({ form: { password, again: password } })

describe('A mailed link', () => {
  it('after a Force Password Reset asks for a new password, and is no enrollment', async () => {
    const { deps, enrolled, mailedPath, visitor, smtp } = await stage()
    const id = await enrolled(ann, first)
    await createLocalDirectory(deps).resetPassword(id)
    const path = await mailedPath()
    expect(smtp.arrived.at(-1)?.mail.text).toContain('Until then you cannot sign in.')
    const person = visitor()
    expect((await person.visit(path)).text).toContain('<h1>Choose a new password</h1>')
    const { headers } = await person.visit(path, both(second))
    expect(headers['location']).toBe('/password-changed')
    expect((await auditTrail(deps.store)).at(-1)).toMatchObject({ kind: 'local_user_password_changed' })
  })

  it('says that a second factor comes next where one is required and the person has none', async () => {
    const { deps, mailedPath, visitor } = await stage()
    await changeLocalSettings(deps, lou, { mfaRequired: true })
    await addUser(deps, lou, { email: ann, description: '' })
    const person = visitor()
    const { headers } = await person.visit(await mailedPath(), both(first))
    expect(headers['location']).toBe('/enrolled/second-factor')
    expect((await person.visit('/enrolled/second-factor')).text).toContain('set up your second factor')
  })
})

describe('Links that are out', () => {
  const endings = {
    'a Force Sign Out': (deps: LocalUserDeps, id: string) => createLocalDirectory(deps).endSessions(id),
    'a reset of second factors': (deps: LocalUserDeps, id: string) => resetFactors(deps, lou, id),
  }

  it.each(Object.entries(endings))('end with %s, unless they are for enrolling', async (_, end) => {
    const { deps, enrolled, mailedPath, visitor } = await stage()
    const id = await enrolled(ann, first)
    await visitor().visit('/forgot', { form: { email: ann } })
    const asked = await mailedPath()
    expect((await visitor().visit(asked)).status).toBe(200)
    await end(deps, id)
    expect((await visitor().visit(asked)).status).toBe(410)
    const { id: newcomer } = await addUser(deps, lou, { email: 'bob@corp.example', description: '' })
    const enrollment = await mailedPath()
    await end(deps, newcomer)
    expect((await visitor().visit(enrollment)).status).toBe(200)
  })
})

it('The mail about second factors that an administrator took away leads to the sign-in', async () => {
  const { deps, enrolled, mailedPath, smtp } = await stage()
  const id = await enrolled(ann, first)
  await resetFactors(deps, lou, id)
  expect(await mailedPath()).toBe('/sign-in')
  expect(smtp.arrived.at(-1)?.mail.text).toContain('An administrator took your second factors')
})

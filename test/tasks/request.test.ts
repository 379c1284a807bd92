import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { openStore, type Store } from '#db/store.ts'
import { searchTasks } from '#db/queries/tasks.ts'
import { systemClock } from '#src/clock.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { accountKey } from '#src/iam/target.ts'
import type { Actor } from '#src/people/actor.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { lookUpPerson } from '#src/tasks/look-up.ts'
import { requestTask } from '#src/tasks/request.ts'
import type { Action } from '#src/tasks/task.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { openLdapSettings } from '#test/helpers/directory-settings.ts'
import { addPerson } from '#test/helpers/directory-people.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { taskRules } from '#test/helpers/task-rules.ts'

const describeSlapd = await describeWithDirectory('slapd')
const { signal } = new AbortController()
const actor = (userId: string, email: string): Actor => ({
  userId,
  teamId: 'T1',
  enterpriseId: undefined,
  name: userId,
  email,
  tz: undefined,
  roles: new Set(['responder']),
})
const rita = actor('U0RITA', 'rita@corp.example')

describeSlapd('what a forged form can do', () => {
  let slapd: Slapd
  let store: Store
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  beforeEach(async () => {
    store = await openStore('sqlite::memory:')
    return () => store.close()
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })

  const depsWith = (deny: readonly string[] = []): TaskDeps => ({
    store,
    clock: systemClock,
    log: createKeptLog(),
    onEnforcementEnded: () => {},
    lastOwner: async () => [],
    connectors: [
      createOpenLdapConnector(openLdapSettings(slapd), { callTimeoutMs: 10_000, protectedGroups: [] }),
    ],
    rules: taskRules({}, { protection: { deny, twoApprovers: [], detected: 'deny' } }),
  })
  const lookUp = (deps: TaskDeps, personText: string, action: Action = 'disable_account') =>
    lookUpPerson(deps, { action, actor: rita, channelId: 'C1', personText }, signal)
  const tasks = async () => (await store.read((ctx) => searchTasks(ctx, { limit: 10, offset: 0 }))).total
  const form = {
    actor: rita,
    description: '',
    verifiedSafe: true,
    endSessions: true,
    endsAfterMs: undefined,
  }

  it('cannot tick an account that is protected', async () => {
    const pat = await addPerson(slapd)
    const deps = depsWith([pat.mail])
    const { id, found } = await lookUp(deps, pat.mail)
    const ticked = found.accounts.map(accountKey)
    expect(ticked).toHaveLength(1)
    const request = { ...form, lookUpId: id, personText: pat.mail, ticked }
    await expect(requestTask(deps, request)).rejects.toMatchObject({ code: 'protected', field: 'accounts' })
    expect(await tasks()).toBe(0)
  })

  it('cannot tick an account that the look-up did not find', async () => {
    const pat = await addPerson(slapd)
    const kim = await addPerson(slapd)
    const deps = depsWith()
    const { id } = await lookUp(deps, pat.mail)
    const other = await lookUp(deps, kim.mail)
    const request = {
      ...form,
      lookUpId: id,
      personText: pat.mail,
      ticked: other.found.accounts.map(accountKey),
    }
    await expect(requestTask(deps, request)).rejects.toMatchObject({ code: 'nothing_to_do' })
    expect(await tasks()).toBe(0)
  })

  it("cannot use somebody else's look-up, an unknown one, or another name than was looked up", async () => {
    const pat = await addPerson(slapd)
    const deps = depsWith()
    const { id, found } = await lookUp(deps, pat.mail)
    const request = { ...form, lookUpId: id, personText: pat.mail, ticked: found.accounts.map(accountKey) }
    const rob = { ...request, actor: actor('U0ROB', 'rob@corp.example') }
    for (const forged of [rob, { ...request, lookUpId: 'x' }, { ...request, personText: 'kim' }])
      await expect(requestTask(deps, forged)).rejects.toMatchObject({ code: 'stale' })
    expect(await tasks()).toBe(0)
  })

  it('cannot enable what Drawbridge did not disable, nor leave the confirmation out, nor enable oneself', async () => {
    const pat = await addPerson(slapd)
    await pat.lockByHand()
    const deps = depsWith()
    const { id, found } = await lookUp(deps, pat.mail, 'enable_account')
    const request = { ...form, lookUpId: id, personText: pat.mail, ticked: found.accounts.map(accountKey) }
    await expect(requestTask(deps, request)).rejects.toMatchObject({ code: 'not_disabled_here' })
    await expect(requestTask(deps, { ...request, verifiedSafe: false })).rejects.toMatchObject({
      code: 'not_confirmed',
    })
    const self = { ...request, actor: { ...rita, email: pat.mail.toUpperCase() } }
    await expect(requestTask(deps, self)).rejects.toMatchObject({ code: 'about_you' })
    expect(await tasks()).toBe(0)
  })

  it('cannot last for a length that the form does not offer', async () => {
    const pat = await addPerson(slapd)
    const deps = depsWith()
    const { id, found } = await lookUp(deps, pat.mail)
    const ticked = found.accounts.map(accountKey)
    const request = { ...form, lookUpId: id, personText: pat.mail, ticked, endsAfterMs: 1 }
    await expect(requestTask(deps, request)).rejects.toMatchObject({ code: 'not_understood', field: 'ends' })
  })

  it('cannot carry a description longer than the form takes', async () => {
    const pat = await addPerson(slapd)
    const deps = depsWith()
    const { id, found } = await lookUp(deps, pat.mail)
    const ticked = found.accounts.map(accountKey)
    const request = { ...form, lookUpId: id, personText: pat.mail, ticked, description: 'x'.repeat(513) }
    await expect(requestTask(deps, request)).rejects.toMatchObject({ code: 'too_long', field: 'description' })
  })
})

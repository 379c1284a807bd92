import { afterAll, beforeAll, expect, it } from 'vitest'
import { enforcementsOfTask } from '#db/queries/enforcements.ts'
import { findTask } from '#db/queries/tasks.ts'
import { openStore } from '#db/store.ts'
import type { IamConnector } from '#src/iam/connector.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { accountKey } from '#src/iam/target.ts'
import { createRunner } from '#src/jobs/runner.ts'
import type { Actor } from '#src/people/actor.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import type { TaskDeps } from '#src/tasks/deps.ts'
import { enforceJob } from '#src/tasks/enforce.ts'
import { lookUpPerson } from '#src/tasks/look-up.ts'
import { releaseEnforcementJob } from '#src/tasks/release.ts'
import { requestTask } from '#src/tasks/request.ts'
import { startTaskJob } from '#src/tasks/start.ts'
import { watchTaskJob } from '#src/tasks/watch.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson } from '#test/helpers/directory-people.ts'
import { openLdapSettings } from '#test/helpers/directory-settings.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { createMovedClock } from '#test/helpers/moved-clock.ts'
import { taskRules } from '#test/helpers/task-rules.ts'

const describeSlapd = await describeWithDirectory('slapd')
const { signal } = new AbortController()
const rita: Actor = {
  ...{ userId: 'U0RITA', teamId: 'T1', enterpriseId: undefined, name: 'rita', email: 'rita@corp.example' },
  ...{ tz: undefined, roles: new Set(['responder'] as const) },
}

describeSlapd('an enforcement that fails by a mistake of our own', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })

  /** The same directory under another name. */
  const connect = (id: string, flaw: Partial<IamConnector> = {}): IamConnector => {
    const options = { callTimeoutMs: 10_000, protectedGroups: [] }
    const connector = createOpenLdapConnector({ ...openLdapSettings(slapd), id }, options)
    return { ...connector, ...flaw }
  }

  it('has a result of its own, and takes none from the other systems', async () => {
    const store = await openStore('sqlite::memory:')
    const clock = createMovedClock()
    const log = createKeptLog()
    const broken = connect('broken', {
      disable: async () => {
        throw new TypeError("Cannot read properties of undefined (reading 'brand')")
      },
    })
    const deps: TaskDeps = {
      ...{ store, clock, log, connectors: [broken, connect('well')] },
      ...{ onEnforcementEnded: () => {}, lastOwner: async () => [] },
      rules: taskRules({ approvers: 0 }),
    }
    const kinds = [startTaskJob(deps), enforceJob(deps), releaseEnforcementJob(deps), watchTaskJob(deps)]
    const runner = createRunner({ store, clock, log, kinds, concurrency: 2 })
    const pat = await addPerson(slapd)
    const { id, found } = await lookUpPerson(
      deps,
      { action: 'disable_account', actor: rita, channelId: 'C1', personText: pat.mail },
      signal,
    )
    const asked = await requestTask(deps, {
      ...{ actor: rita, lookUpId: id, personText: pat.mail, ticked: found.accounts.map(accountKey) },
      ...{ description: '', verifiedSafe: true, endSessions: true, endsAfterMs: undefined },
    })
    if (asked.kind !== 'created') throw new Error(asked.kind)
    for (let again = 0; again < 8; again += 1) {
      await runner.runAllDue()
      clock.move(60_000)
    }
    const task = await store.read((ctx) => findTask(ctx, asked.taskId))
    const parts = await store.read((ctx) => enforcementsOfTask(ctx, asked.taskId))
    expect(task?.status).toBe('partially_successful')
    expect(parts.map(({ systemId, status, reason }) => [systemId, status, reason])).toEqual([
      ['broken', 'unsuccessful', { kind: 'our_fault', reference: expect.stringMatching(/^\w{4,}$/u) }],
      ['well', 'successful', null],
    ])
    expect(await pat.canSignIn()).toBe(false)
    await store.close()
  })
})

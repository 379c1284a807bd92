import { expect, it } from 'vitest'
import { auditEventsOfTask } from '#db/queries/audit.ts'
import { accepts } from '#src/sandbox/directories/server-process.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { eventually, replies } from '#test/faults/quiet.ts'
import { type Bot, startBot } from '#test/helpers/bot.ts'
import { addPerson, type AddedPerson, systemFor } from '#test/helpers/directory-people.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { type Fault, type FaultProxy, startFaultProxy } from '#test/helpers/fault-proxy.ts'

const describeSlapd = await describeWithDirectory('slapd')
// Asks whether a change would be allowed, and changes nothing.
const noOperation = '1.3.6.1.4.1.4203.666.5.2'
const patience = { timeout: 120_000 }

interface Scene extends AsyncDisposable {
  readonly bot: Bot
  readonly slapd: Slapd
  readonly proxy: FaultProxy
  readonly pat: AddedPerson
  readonly taskId: string
  /** Ana's form is open; from now on the directory is to misbehave, and then she sends it. */
  approve(): Promise<void>
}

/** A task about somebody in a directory behind a proxy, one press before it starts. */
async function open(): Promise<Scene> {
  await using stack = new AsyncDisposableStack()
  const slapd = stack.use(await startSlapd({ saysLocked: true }))
  const proxy = stack.use(await startFaultProxy({ host: '127.0.0.1', port: slapd.port }))
  const url = `ldap://127.0.0.1:${proxy.port}`
  const bot = stack.use(
    await startBot({
      systems: [systemFor(slapd, 'unix-ldap', { url, ca_file: undefined })],
      changes: { enforcement: { call_timeout: '2s', drift_checks: ['5m'] } },
      mayLogErrors: true,
    }),
  )
  const pat = await addPerson(slapd)
  const taskId = await bot.ask(bot.rita, `/disable-user ${pat.mail} directory`)
  await bot.ana.press(bot.root(taskId), 'Approve')
  const form = await bot.ana.modal('approve_task')
  const owned = stack.move()
  return {
    bot,
    slapd,
    proxy,
    pat,
    taskId,
    approve: async () => expect((await form.submit()).kind).toBe('updated'),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Waits, while time goes as it goes, until an attempt has failed. */
function failures(bot: Bot, count: number): Promise<unknown> {
  const warning = 'an IAM system did not do what was asked'
  return eventually(
    `${count} failed attempts`,
    () => bot.log.lines.filter((line) => line.message === warning).length >= count,
  )
}

const done = [
  /please decide/u,
  /^<@U0ANA> approved/u,
  /^✔ \*unix-ldap\* disabled .* and the lock is enforced/u,
]

/** What became of the task, once it has ended well. */
async function outcome({ bot, pat, taskId }: Scene) {
  await bot.status(taskId, 'Successful')
  await bot.says(taskId, '✔ *unix-ldap*')
  return {
    replies: replies(bot, taskId),
    signsIn: await pat.canSignIn(),
    isLocked: (await pat.lock()).length === 1,
  }
}
const success = {
  replies: done.map((words): unknown => expect.stringMatching(words)),
  signsIn: false,
  isLocked: true,
}

/** Ends the server by its own id; `restart` starts it again. */
async function stop(slapd: Slapd): Promise<void> {
  process.kill(slapd.pid, 'SIGTERM')
  await eventually('the end of slapd', async () => !(await accepts('127.0.0.1', slapd.port)))
}

describeSlapd('a task whose directory misbehaves while the account is changed', () => {
  it('is carried out when the directory is back in time', patience, async () => {
    await using scene = await open()
    await stop(scene.slapd)
    await scene.approve()
    await failures(scene.bot, 1)
    await scene.slapd.restart()
    expect(await outcome(scene)).toEqual(success)
  })

  it('says that the directory is away, and is carried out by Retry once it is back', patience, async () => {
    await using scene = await open()
    const { bot, taskId, pat } = scene
    await stop(scene.slapd)
    await scene.approve()
    await failures(bot, 4)
    await bot.status(taskId, 'Unsuccessful')
    await bot.says(taskId, /✖ \*unix-ldap\*/u)
    await scene.slapd.restart()
    expect(await pat.canSignIn()).toBe(true)
    await bot.press(bot.rita, taskId, 'Retry failed')
    await bot.status(taskId, 'Successful')
    await bot.says(taskId, '✔ *unix-ldap*')
    expect(replies(bot, taskId).filter((text) => text.startsWith('✔'))).toHaveLength(1)
    expect(await pat.canSignIn()).toBe(false)
  })

  const passing: readonly (readonly [string, Fault])[] = [
    ['swallows everything', { kind: 'black_hole', at: 'bind' }],
    ['cuts the connection before the change', { kind: 'cut_before', at: 'modify', without: noOperation }],
    [
      'cuts the connection in the middle of the change',
      { kind: 'cut_during', at: 'modify', without: noOperation },
    ],
  ]
  it.each(passing)('is carried out when the directory %s for a while', patience, async (_, fault) => {
    await using scene = await open()
    scene.proxy.fail(fault)
    await scene.approve()
    await failures(scene.bot, 1)
    expect(await scene.pat.canSignIn()).toBe(true)
    scene.proxy.fail(undefined)
    scene.proxy.cutAll()
    expect(await outcome(scene)).toEqual(success)
  })

  it.each(['cut_after', 'keep_silent'] as const)(
    'reads back what became of the change when its answer is lost (%s)',
    patience,
    async (kind) => {
      await using scene = await open()
      scene.proxy.fail({ kind, at: 'modify', without: noOperation, times: 1 })
      await scene.approve()
      expect(await outcome(scene)).toEqual(success)
      expect(replies(scene.bot, scene.taskId)[2]).not.toContain('was already')
    },
  )

  it('says that the state is unknown when nobody can look again, and tells it later', patience, async () => {
    await using scene = await open()
    const { bot, taskId, pat, proxy } = scene
    proxy.fail({ kind: 'cut_after', at: 'modify', without: noOperation, times: 1, thenGone: true })
    await scene.approve()
    await failures(bot, 4)
    await bot.status(taskId, 'Unsuccessful')
    await bot.says(taskId, /✖ \*unix-ldap\*/u)
    expect(await pat.canSignIn()).toBe(false) // it was changed, only nobody could see it
    expect(replies(bot, taskId)[2]).toMatch(/unknown/u)
    proxy.fail(undefined)
    await bot.pass(5 * 60_000 + 1_000)
    await bot.status(taskId, 'Successful')
    await bot.says(taskId, /answers again: `.*` reads as disabled/u)
    const events = await bot.app.store.read((ctx) => auditEventsOfTask(ctx, taskId))
    expect(events.filter((one) => one.kind === 'seen_again')).toHaveLength(1)
  })
})

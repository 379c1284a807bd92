import { expect, it, onTestFinished } from 'vitest'
import { mailBacklog } from '#db/queries/mails.ts'
import { metricsOf, serveOperations } from '#src/app/operations.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { addUser } from '#src/local-users/add.ts'
import { sendMailsJob } from '#src/local-users/send-mails.ts'
import { createMailing } from '#src/mail/mailing.ts'
import { createMailWatch } from '#src/mail/watch.ts'
import { secret } from '#src/secrets.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { startSmtp } from '#src/sandbox/mailbox/smtp.ts'
import { mailSettings } from '#test/helpers/mail-settings.ts'
import { start } from '#test/helpers/rows.ts'
import { describeOnBothEngines, type OpenStore } from '#test/helpers/store.ts'

const web = { publicUrl: 'https://access.example', secrets: [secret('w'.repeat(32))] }
const slackHealth = () => ({ isReady: true, open: 2, wanted: 2, since: start, problem: undefined })

/** The work on mails, with a mail server that answers at first; `move` puts another address in its place. */
async function stage(open: OpenStore) {
  const store = await open()
  const log = createKeptLog()
  const deps = localUserDeps(store)
  const { clock } = deps
  const smtp = await startSmtp()
  onTestFinished(() => smtp[Symbol.asyncDispose]())
  const mail = createMailWatch({ clock, log })
  const mailingTo = (url: string) => {
    const mailing = createMailing({ mail: mailSettings(url), web }, mail)
    onTestFinished(() => mailing?.[Symbol.asyncDispose]())
    return mailing
  }
  const run = async (url: string) => {
    const kinds = [sendMailsJob({ ...deps, mailing: mailingTo(url) })]
    await createRunner({ store, clock, log, kinds, concurrency: 1 }).runAllDue()
  }
  const watched = { store, slackHealth, mail, log }
  const metrics = metricsOf({ ...watched, clock, systems: [] })
  const server = await serveOperations({ ...watched, metrics, settings: { host: '127.0.0.1', port: 0 } })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const told = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    const valueOf = (name: string) => Number(new RegExp(`^drawbridge_${name} (\\S+)$`, 'm').exec(text)?.[1])
    const ready = await fetch(`${server.url}/readyz`)
    return {
      waiting: valueOf('mails_waiting'),
      oldest: valueOf('oldest_mail_seconds'),
      away: valueOf('mail_server_away'),
      failed: valueOf('mail_last_failure_timestamp_seconds'),
      ready: [ready.status, await ready.json()],
    }
  }
  return { deps, clock, log, smtp, run, told }
}

describeOnBothEngines('The mail server', (open) => {
  it('that is away shows in metrics and beside readiness, and is said once in the log', async () => {
    const { deps, clock, log, smtp, run, told } = await stage(open)
    const quiet = { waiting: 0, oldest: 0, away: 0, failed: 0, ready: [200, { status: 'ready' }] }
    expect(await told()).toEqual(quiet)
    await addUser(deps, lou, { email: 'ann@corp.example', description: '' })
    await addUser(deps, lou, { email: 'bob@corp.example', description: '' })
    expect(await deps.store.read(mailBacklog)).toEqual({ waiting: 2, oldestAt: clock.now() })
    await run('smtp://127.0.0.1:1')
    clock.move(60_000)
    await run('smtp://127.0.0.1:1')
    const also = [{ part: 'mail', reason: 'the mail server is away' }]
    const failed = clock.now().getTime() / 1000
    expect(await told()).toEqual({
      ...{ waiting: 2, oldest: 60, away: 1, failed },
      ready: [200, { status: 'ready', also }],
    })
    const said = () => log.lines.map(({ level, message }) => `${level} ${message}`)
    expect(said()).toEqual(['warn the mail server is away; mails wait and are tried every half minute'])
    clock.move(60_000)
    await run(smtp.url)
    expect(await told()).toEqual({ ...quiet, failed })
    expect(said().slice(1)).toEqual(['info the mail server answers again'])
  })
})

import { openStore } from '#db/store.ts'
import { systemClock } from '#src/clock.ts'
import { createRunner } from '#src/jobs/runner.ts'
import { runBatchesJob } from '#src/local-users/run-batches.ts'
import { sendMailsJob } from '#src/local-users/send-mails.ts'
import { createMailer } from '#src/mail/mailer.ts'
import { secret } from '#src/secrets.ts'
import { createKeptLog } from '#test/helpers/kept-log.ts'
import { lou } from '#test/helpers/local-admin.ts'
import { mailSettings } from '#test/helpers/mail-settings.ts'

// A process that works on batches and mails until it is killed.
const [databaseUrl = '', smtpUrl = ''] = process.argv.slice(2)
const store = await openStore(databaseUrl)
const mailer = createMailer(mailSettings(smtpUrl))
const deps = {
  store,
  clock: systemClock,
  findActor: async () => lou,
  mailing: {
    publicUrl: 'https://access.example',
    webSecret: secret('w'.repeat(32)),
    send: mailer.send.bind(mailer),
  },
}
const runner = createRunner({
  store,
  clock: systemClock,
  log: createKeptLog(),
  kinds: [runBatchesJob(deps), sendMailsJob(deps)],
  concurrency: 2,
  leaseMs: 400,
})
await runner.start()
process.stdout.write('working\n')

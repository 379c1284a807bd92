import { createTransport } from 'nodemailer'
import { expect, it, onTestFinished } from 'vitest'
import { startMailbox } from '#src/sandbox/mailbox/mailbox.ts'

async function stage() {
  const mailbox = await startMailbox()
  const transport = createTransport({ url: mailbox.smtpUrl, pool: true, maxMessages: Infinity })
  onTestFinished(async () => {
    transport.close()
    await mailbox[Symbol.asyncDispose]()
  })
  const send = (fields: object) =>
    transport.sendMail({ from: 'bot@corp.example', to: 'ann@corp.example', ...fields })
  return { mailbox, send }
}

it('shows who got a mail, its subject, text and HTML, with letters of all kinds', async () => {
  const { mailbox, send } = await stage()
  await send({
    to: 'Jörg Müller <joerg@bücher.example>',
    subject: 'Grüße von Zoë, für Jörg — 你好',
    text: 'Schöne Grüße:\nhttps://access.example/enroll/u.ä',
    html: '<p>Schöne <b>Grüße</b> 🙂</p>',
  })
  expect(mailbox.mails()).toEqual([
    {
      id: expect.stringMatching(/^[\w-]{36}$/),
      to: 'joerg@bücher.example',
      subject: 'Grüße von Zoë, für Jörg — 你好',
      text: 'Schöne Grüße:\nhttps://access.example/enroll/u.ä\n',
      html: '<p>Schöne <b>Grüße</b> 🙂</p>\n',
      receivedAt: expect.any(Date),
    },
  ])
})

it('reads Latin-1 and quoted-printable as their senders meant them', async () => {
  const { mailbox, send } = await stage()
  const head =
    'Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n'
  await send({ raw: `Subject: =?iso-8859-1?Q?f=FCr_Sie?=\r\n${head}\r\nGr=FC=DFe aus=\r\n K=F6ln\r\n` })
  expect(mailbox.mails()[0]).toMatchObject({ subject: 'für Sie', text: 'Grüße aus Köln\n', html: undefined })
})

it('says whom the mail server was told, not whom the mail names', async () => {
  const { mailbox, send } = await stage()
  await send({ to: 'everybody@corp.example', envelope: { from: 'a@b.example', to: ['ann@corp.example'] } })
  expect(mailbox.mails()[0]?.to).toBe('ann@corp.example')
})

it('tells of each mail when it can be read, until nobody listens any more', async () => {
  const { mailbox, send } = await stage()
  const heard: string[] = []
  const stop = mailbox.onMail(() => void heard.push(mailbox.mails()[0]?.subject ?? ''))
  await send({ subject: 'first' })
  await send({ subject: 'second' })
  stop()
  await send({ subject: 'third' })
  expect(heard).toEqual(['first', 'second'])
})

it('keeps the last 200, newest first', async () => {
  const { mailbox, send } = await stage()
  for (let i = 1; i <= 203; i += 1) await send({ subject: `mail ${i}` })
  const subjects = mailbox.mails().map(({ subject }) => subject)
  expect(subjects).toHaveLength(200)
  expect([subjects[0], subjects.at(-1)]).toEqual(['mail 203', 'mail 4'])
})

it('refuses a mail of more than a megabyte, whether it was announced or not, and takes the next', async () => {
  const { mailbox, send } = await stage()
  const megabyte = 'x'.repeat(75).concat('\r\n').repeat(14_000)
  await expect(send({ subject: 'large', text: megabyte })).rejects.toMatchObject({ responseCode: 552 })
  await expect(
    send({ envelope: { from: 'a@b.example', to: ['a@b.example'], size: 2 ** 21 }, text: 'small' }),
  ).rejects.toMatchObject({ code: 'EMESSAGE' })
  expect(mailbox.mails()).toEqual([])
  await send({ subject: 'small' })
  expect(mailbox.mails().map(({ subject }) => subject)).toEqual(['small'])
})

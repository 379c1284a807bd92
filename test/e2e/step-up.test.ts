import { TOTP } from 'otpauth'
import { expect, it } from 'vitest'
import { sessionsOf } from '#db/queries/local-users-sign-in.ts'
import { factorRowsOf, insertFactor } from '#db/queries/second-factors.ts'
import { startSession } from '#src/sign-in/session.ts'
import { ids } from '#test/helpers/bot.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { startStage } from '#test/helpers/local-stage.ts'
import { createVisitor } from '#test/helpers/web.ts'

const password = 'violet tractor under ice'
const email = 'ana@corp.example'

/** The bot that asks approvers for codes, with a person to disable, and Ana as a local user who has set her password. */
async function start() {
  await using stack = new AsyncDisposableStack()
  const stage = stack.use(await startStage({ approval: { disable_account: { step_up: true } } }))
  const { bot, smtp, add } = stage
  bot.slack.updateUser(ids.ana, { email })
  for (const address of ['eve@corp.example', email]) {
    const window = await add(address)
    await stage.says('was added')
    await window.close()
  }
  const mail = await bot.until('the mail', () => smtp.arrived.find((one) => one.to[0] === email))
  const path = new URL(/https:\/\/\S+/.exec(mail.mail.text ?? '')?.[0] ?? '').pathname
  const visitor = () => createVisitor(bot.app.webPort() ?? 0, 'https://access.example')
  await visitor().visit(path, { form: { password, again: password } })
  const owned = stack.move()
  return { ...stage, visitor, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const hidden = (text: string, name: string) =>
  new RegExp(`name="${name}"[^>]*value="([^"]*)"`).exec(text)?.[1] ?? ''

it('An approver is bound by a link, a sign-in and an owner, and decides with a code that counts once', async () => {
  await using stage = await start()
  const { bot, visitor } = stage
  const id = await bot.ask(bot.rita, '/disable-user eve@corp.example case 4711')
  await bot.press(bot.ana, id, 'Approve')
  await bot.sees(bot.ana, 'I sent you a direct message with a link')
  const message = await bot.told(bot.ana, 'Sign in to link your accounts')
  const link = /https:\/\/access\.example(\/link-slack\/[\w-]+)/.exec(message)?.[1] ?? ''
  await bot.ana.modals().at(-1)?.close('all')

  const { visit } = visitor()
  const location = async (path: string, form?: Record<string, string>) =>
    String((await visit(path, form === undefined ? {} : { form })).headers['location'])
  const back = encodeURIComponent(link)
  expect(await location(link)).toBe(`/sign-in?return_to=${back}`)
  await visit('/sign-in', { form: { email, password, return_to: link } })
  const first = await visit(link)
  expect(first.text).toContain('Set up an authenticator app first')
  const setUp = (await visit('/access/app')).text
  const typed = /id="key"[^>]*>([A-Z2-7 ]+)</.exec(setUp)?.[1]?.replaceAll(' ', '') ?? ''
  const code = () => new TOTP({ secret: typed }).generate({ timestamp: bot.clock.now().getTime() })
  const codes = await visit('/access/app', {
    form: { set_up: hidden(setUp, 'set_up'), code: code(), name: '' },
  })
  expect(codes.text).toContain('Your recovery codes')
  expect((await visit(link)).text).toContain('Yes, both are me')
  expect((await visit(link, { form: {} })).text).toContain('Now an owner has to confirm it')

  await bot.press(bot.ana, id, 'Approve')
  await bot.sees(bot.ana, 'an owner has to confirm it first')
  await bot.ana.modals().at(-1)?.close('all')
  await bot.told(bot.olga, `<@${ids.ana}> signed in as the local user \`${email}\``)
  const asked = bot.olga.directMessages().at(-1)!
  await bot.olga.press(asked, 'Confirm')
  await bot.told(bot.olga, 'Linked.')
  await bot.told(bot.ana, 'Your accounts are linked.')

  // A minute later: the code of the set-up is used up.
  await bot.pass(60_000)
  await bot.press(bot.ana, id, 'Approve')
  await bot.sees(bot.ana, 'One-time code')
  const form = bot.ana.modals().at(-1)!
  await form.fill('code', '000000')
  await form.submit()
  await bot.until('the sentence', () => form.errors()['code']?.startsWith('This code is not right.'))
  await bot.status(id, 'Pending approval')
  const right = code()
  await form.fill('code', right)
  await form.submit()
  await bot.status(id, 'Successful')
  await bot.ana.modals().at(-1)?.close('all')

  const second = await bot.ask(bot.rita, '/disable-user ana@corp.example')
  await bot.press(bot.paul, second, 'Reject')
  await bot.sees(bot.paul, 'I sent you a direct message with a link')
  await bot.status(second, 'Pending approval')
  const trail = JSON.stringify(await auditTrail(bot.app.store))
  const kept = JSON.stringify(await bot.app.store.read((ctx) => ctx.q.select().from(ctx.t.decisions)))
  for (const all of [trail, kept, JSON.stringify(bot.log.lines)]) expect(all).not.toContain(right)
})

it('An admin takes the second factors of somebody away who lost the phone, which ends their sessions', async () => {
  await using stage = await start()
  const { bot, says, now, user, list } = stage
  const { id } = (await user(email))!
  const { store } = bot.app
  await store.write((ctx) =>
    insertFactor(ctx, { id: 'f', userId: id, kind: 'totp', name: 'Phone', createdAt: new Date() }),
  )
  await store.write((ctx) =>
    startSession(ctx, { clock: bot.clock }, { userId: id, kind: 'page', factors: ['password', 'totp'] }),
  )
  await list('ana')
  await now().press(`local_user_menu:${id}`, { option: 'Reset second factors …' })
  await says('be sure who asked you')
  await now().submit()
  await says('The second factors were taken away, and all sessions have ended.')
  expect(await store.read((ctx) => factorRowsOf(ctx, id))).toEqual([])
  expect(await store.read((ctx) => sessionsOf(ctx, [id]))).toEqual([])
  expect((await auditTrail(store)).at(-1)).toMatchObject({ kind: 'local_factors_reset', actor: ids.abel })
})

import { describe, expect, it } from 'vitest'
import { startStage } from '#test/helpers/local-stage.ts'
import { createVisitor } from '#test/helpers/web.ts'

const right = 'violet tractor under ice'
const ann = 'ann@corp.example'

async function stage() {
  const { bot, smtp, add, user, [Symbol.asyncDispose]: dispose } = await startStage()
  await (await add(ann)).close()
  const mail = (count: number) =>
    bot.until('the mail', () => (smtp.arrived.length >= count ? smtp.arrived[count - 1] : undefined))
  const linkOf = (text = '') => new URL(/https:\/\/\S+/.exec(text)?.[0] ?? 'https://no.link').pathname
  const newVisitor = () => createVisitor(bot.app.webPort() ?? 0, 'https://access.example')
  const choose = (path: string, password: string) =>
    newVisitor().visit(path, { form: { password, again: password } })
  const signIn = async (password: string) => {
    const visitor = newVisitor()
    const { status } = await visitor.visit('/sign-in', { form: { email: ann, password } })
    return { status, isIn: async () => (await visitor.visit('/access')).status === 200 }
  }
  const run = async (line: string, isApproved = true) => {
    const id = await bot.ask(bot.rita, line)
    if (isApproved) await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
  }
  return { bot, smtp, mail, linkOf, choose, signIn, run, user, [Symbol.asyncDispose]: dispose }
}

describe('A local user, from the mail on', () => {
  it('enrolls, signs in, and is out at the next request once a task disables them', async () => {
    await using all = await stage()
    const { mail, linkOf, choose, signIn, run } = all
    const link = linkOf((await mail(1)).mail.text)
    expect((await choose(link, right)).status).toBe(303)
    const here = await signIn(right)
    expect(await here.isIn()).toBe(true)
    await run(`/disable-user ${ann}`)
    expect(await here.isIn()).toBe(false)
    expect((await signIn(right)).status).toBe(422)
    expect((await choose(link, right)).status).toBe(410)
  })

  it('is signed out by Force Sign Out, and chooses another password after Force Password Reset', async () => {
    await using all = await stage()
    const { mail, linkOf, choose, signIn, run } = all
    await choose(linkOf((await mail(1)).mail.text), right)
    const first = await signIn(right)
    await run(`/force-sign-out ${ann}`, false)
    expect(await first.isIn()).toBe(false)
    const second = await signIn(right)
    expect(await second.isIn()).toBe(true)
    await run(`/force-password-reset ${ann}`)
    expect(await second.isIn()).toBe(false)
    expect((await signIn(right)).status).toBe(422)
    const reset = linkOf((await mail(2)).mail.text)
    expect((await choose(reset, right)).text).toContain('You had this password before')
    expect((await choose(reset, 'seven green umbrellas')).status).toBe(303)
    expect(await (await signIn('seven green umbrellas')).isIn()).toBe(true)
  })
})

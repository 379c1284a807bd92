import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'

const describeSlapd = await describeWithDirectory('slapd')

/** What hurried, mistaken and hostile people type as the person, and the sentence each of them reads. */
const names: readonly (readonly [string, string])[] = [
  ['nobody@corp.example', 'I found nobody called `nobody@corp.example` in unix-ldap.'],
  ['*)(uid=*', 'I found nobody called `*)(uid=*` in unix-ldap.'],
  ['*', 'I found nobody called `*` in unix-ldap.'],
  ['\\2a', 'I found nobody called `\\2a` in unix-ldap.'],
  ['<!channel>', 'I found nobody called `<!channel>` in unix-ldap.'],
  ['<!subteam^S0APPROVERS>', 'I found nobody called `<!subteam^S0APPROVERS>` in unix-ldap.'],
  ['a`b&lt;c', 'I found nobody called'],
  ['🦊', 'I found nobody called `🦊` in unix-ldap.'],
  ['cn=x', 'I found nobody called `cn=x` in unix-ldap.'],
  ['uid=x,dc=other,dc=test', 'I found nobody called `uid=x,dc=other,dc=test` in unix-ldap.'],
  ['CORP\\anguyen', 'I found nobody called `CORP\\anguyen` in unix-ldap.'],
  ['S-1-5-21-1-2-3-500', 'I found nobody called `S-1-5-21-1-2-3-500` in unix-ldap.'],
  ['00000000-0000-4000-8000-000000000000', 'I found nobody called'],
  ['a\u0007b', 'I cannot read that as a name. Type an e-mail address or a login.'],
]

describeSlapd('what people type', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [systemFor(slapd)], changes })

  it('finds nobody for unknown and hostile names, says so, and makes no task', async () => {
    await using bot = await start()
    await addPerson(slapd)
    const form = await bot.form(bot.rita, '/disable-user')
    for (const [typed, sentence] of names) {
      await form.fill('Person', typed)
      await form.press('Find')
      await bot.shows(form, sentence)
      await bot.until('the form', () => form.view().content['callback_id'] === 'disable_user')
      await form.submit()
      await bot.until('the form again', () => form.view().content['callback_id'] === 'disable_user')
    }
    expect(bot.taskIds()).toEqual([])
  })

  it.each([
    ['ten thousand characters', 'x'.repeat(10_000), 'A name has at most 512 characters.'],
    ['a control character', 'a\u0001b', 'I cannot read that as a name.'],
    ['a NUL', 'a\u0000b', 'I found nobody called'],
    ['an app', '@drawbridge', 'is an app, not a person. Type an e-mail address or a login instead.'],
    ['somebody of another organisation', '@foreigner', 'belongs to another organisation.'],
    [
      'somebody whose profile has no e-mail',
      '@mailless',
      'shows no e-mail address. Type an e-mail address or a login instead.',
    ],
    ['a user group', '@approvers', 'I found nobody called'],
    ['everybody here', '@here', 'I found nobody called'],
  ])('answers %s after the command with a sentence', async (_, typed, sentence) => {
    await using bot = await start()
    bot.slack.addUser({ name: 'foreigner', isStranger: true })
    bot.slack.addUser({ name: 'mailless', email: undefined })
    await bot.rita.command(ids.channel, `/disable-user ${typed}`)
    const said = await bot.sees(bot.rita, sentence)
    // A form shows mentions as they are written.
    expect(said).not.toMatch(/<@|U0000/u)
    await bot.rita.command(ids.channel, `/user-status ${typed}`)
    await bot.told(bot.rita, sentence)
    expect(bot.taskIds()).toEqual([])
  })

  it('opens an empty form without a name, and asks for one', async () => {
    await using bot = await start()
    const form = await bot.form(bot.rita, '/disable-user')
    expect(await form.submit()).toMatchObject({ kind: 'refused' })
    await form.fill('Person', '   ')
    expect(await form.submit()).toEqual({
      kind: 'errors',
      errors: { person: 'Type an e-mail address or a login.' },
    })
    await bot.rita.command(ids.channel, '/user-status')
    await bot.told(bot.rita, 'Type an e-mail address, a login, or mention the person')
  })

  it.each([
    ['a plain address', (mail: string) => mail, {}],
    ['an address that Slack made a link of', (mail: string) => mail, { mailtoLinks: true }],
    ['quotes of a phone', (mail: string) => `“${mail}”`, {}],
    ['capitals', (mail: string) => mail.toUpperCase(), {}],
    ['a mention', () => '@pat', {}],
    ['a bare mention', () => '@pat', { bareMentions: true }],
  ] as const)('finds the person by %s', async (_, write, typing) => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    bot.slack.addUser({ name: 'pat', email: pat.mail })
    await bot.rita.command(ids.channel, `/disable-user ${write(pat.mail)} why -- because`, typing)
    const form = await bot.rita.modal('disable_user')
    expect(form.read()).toContain(`${pat.name}* · found in 1 of 1 system`)
    expect(form.value('description')).toMatchObject({ value: 'why -- because' })
  })

  it('ticks nobody when two people have the same address, and takes the one that was picked', async () => {
    await using bot = await start()
    const first = await addPerson(slapd, { login: 'twin1', mails: ['twins@corp.example'] })
    const second = await addPerson(slapd, { login: 'twin2', mails: ['twins@corp.example'] })
    const form = await bot.form(bot.rita, '/disable-user twins@corp.example')
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('Tick at least one account.')
    expect(form.read()).toContain('twin1')
    await form.fill('Accounts', ['*unix-ldap*  uid=twin2'])
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(await first.canSignIn()).toBe(true)
    expect(await second.canSignIn()).toBe(false)
  })

  it('asks a system again from the card, with Find, once it is back', async () => {
    await using other = await startSlapd({ saysLocked: true })
    await using proxy = await startFaultProxy({ host: '127.0.0.1', port: other.port })
    const url = `ldap://127.0.0.1:${proxy.port}`
    await using bot = await startBot({
      systems: [systemFor(slapd), systemFor(other, 'far-ldap', { url, ca_file: undefined })],
    })
    const pat = await addPerson(slapd)
    await addPerson(other, { login: 'elsewhere', mails: [pat.mail] })
    proxy.fail({ kind: 'cut_before', at: 'bind' })
    proxy.cutAll()
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toContain('*far-ldap* could not be asked')
    proxy.fail(undefined)
    await form.press('Find')
    await bot.shows(form, '*far-ldap*  uid=elsewhere')
    expect(form.read()).not.toContain('could not be asked')
  })

  it('shows hostile descriptions and notes literally and pings nobody', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd, { name: '<!everyone> *Bold* `x`' })
    const hostile =
      '<!channel> <@U0OLGA> <!subteam^S0MANAGERS> @channel *b* _i_ `c` <https://evil.test|click> & 🦊 “q” — \u0007'
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await form.fill('Description', hostile)
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.says(id, '<!channel> <@U0OLGA> <!subteam^S0MANAGERS> @channel')
    expect(bot.thread(id)).toContain('<!everyone>')
    await bot.press(bot.ana, id, 'Approve')
    const decision = await bot.ana.modal('approve_task')
    expect(decision.read()).toContain('<!channel>')
    await decision.fill('note', `<!here> <@U0OLGA> _out_ \n> quote ${'z'.repeat(900)}`)
    await decision.submit()
    await bot.says(id, '<!here> <@U0OLGA>')
    await bot.status(id, 'Successful')
    expect(bot.slack.pings.filter((ping) => ping.id === ids.olga || ping.id === ids.managers)).toEqual([])
    const texts = bot.slack.callsOf('chat.postMessage').map((call) => JSON.stringify(call.args))
    expect(texts.filter((text) => text.includes('<https://evil.test'))).toEqual([])
  })

  it('takes a NUL in a description without losing the request', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail} before\u0000after`)
    await bot.says(id, 'before\uFFFDafter')
  })

  it('cuts a description at what the form takes, and says nothing it does not show', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail} ${'long '.repeat(400)}`)
    expect(String(form.value('description')?.['value']).length).toBeLessThanOrEqual(512)
    expect(await form.submit()).toEqual({ kind: 'cleared' })
  })

  it('suggests an earlier target for a mistyped name, but never chooses it', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd, { login: 'marguerite' })
    await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    const form = await bot.form(bot.rob, '/disable-user margeurite@corp.example')
    expect(form.read()).toContain('Did you mean `marguerite@corp.example`?')
    expect(form.read()).not.toContain('uid=marguerite')
  })
})

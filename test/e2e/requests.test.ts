import { afterAll, beforeAll, expect, it } from 'vitest'
import { auditEventsOfTask } from '#db/queries/audit.ts'
import { groupDn, personDn } from '#src/sandbox/directories/slapd-data.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { modifyAsAdmin } from '#src/sandbox/directories/client.ts'
import type { Modal } from '#src/sandbox/slack/people/modal.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { startFaultProxy } from '#test/helpers/fault-proxy.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const guarded = groupDn('guarded')

describeSlapd('requests', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({
      saysLocked: true,
      groups: [{ name: 'guarded', members: [personDn('nobody')] }],
    })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = (changes: Readonly<Record<string, unknown>> = {}) =>
    startBot({ systems: [systemFor(slapd)], changes })
  const ready = (bot: Bot, form: Modal, id = 'disable_user') =>
    bot.until('the form', () => form.view().content['callback_id'] === id)

  it('makes one task of a form that is submitted twice at the same time', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = (await bot.form(bot.rita, `/disable-user ${pat.mail}`)).frozen()
    const sent = await Promise.all([form.submit(), form.submit(), form.submit()])
    expect(sent.map((one) => one.kind)).toEqual(['cleared', 'cleared', 'cleared'])
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(bot.taskIds()).toEqual([id])
    expect(bot.rita.ephemerals().filter((one) => one.text.includes('was created'))).toHaveLength(1)
  })

  it('answers a second request for the same person with a link to the first, whoever asks', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    for (const who of [bot.rita, bot.rob]) {
      const form = await bot.form(who, `/disable-user ${pat.mail}`)
      expect(await form.submit()).toEqual({ kind: 'updated' })
      expect(form.read()).toMatch(
        new RegExp(`This already waits for approval: ${id}, asked by @rita .*View task status`, 'u'),
      )
    }
    expect(bot.taskIds()).toEqual([id])
  })

  it('makes one task of two forms for the same person that are open at the same time', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const forms = await Promise.all(
      [bot.rita, bot.rob].map((who) => bot.form(who, `/disable-user ${pat.mail}`)),
    )
    const sent = await Promise.all(forms.map((form) => form.submit()))
    expect(sent.map((one) => one.kind).toSorted()).toEqual(['cleared', 'updated'])
    await bot.until('the task', () => bot.taskIds().length > 0)
    await bot.pass(2_000)
    expect(bot.taskIds()).toHaveLength(1)
  })

  it('makes a task only for accounts that no other task covers', async () => {
    await using bot = await start()
    const mails = ['both@corp.example']
    const first = await addPerson(slapd, { login: 'both1', mails })
    const second = await addPerson(slapd, { login: 'both2', mails })
    const pick = async (labels: readonly string[]) => {
      const form = await bot.form(bot.rita, '/disable-user both@corp.example')
      await form.fill(
        'Accounts',
        labels.map((label) => `*unix-ldap*  uid=${label}`),
      )
      expect(await form.submit()).toEqual({ kind: 'cleared' })
    }
    await pick(['both1'])
    const one = await bot.until('the first', () => bot.taskIds()[0])
    await pick(['both1', 'both2'])
    const two = await bot.until('the second', () => bot.taskIds()[1])
    await bot.says(two, 'uid=both2')
    expect(bot.thread(two)).not.toContain('uid=both1')
    await bot.decide(bot.ana, two, 'Approve')
    await bot.status(two, 'Successful')
    expect(await first.canSignIn()).toBe(true)
    expect(await second.canSignIn()).toBe(false)
    await bot.status(one, 'Pending approval')
  })

  it('cancels a pending Enable when a new Disable is asked for, and says so in its thread', async () => {
    await using bot = await start({ approval: { disable_account: { approvers: 0 } } })
    const pat = await addPerson(slapd)
    const disable = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(disable, 'Successful')
    const enable = await bot.ask(bot.rita, `/enable-user ${pat.mail}`)
    await pat.openByHand()
    const newer = await bot.ask(bot.rob, `/disable-user ${pat.mail}`)
    await bot.status(enable, 'Cancelled')
    await bot.says(
      enable,
      `Withdrawn, because ${newer} is newer and disables the same account. Nothing was changed.`,
    )
    await bot.status(newer, 'Successful')
    expect(await pat.canSignIn()).toBe(false)
  })

  it('looks again and changes nothing when the name was changed after the look-up', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const kim = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await form.fill('Person', kim.mail)
    expect(await form.submit()).toEqual({ kind: 'updated' })
    await ready(bot, form)
    expect(form.read()).toContain(kim.name)
    expect(form.read()).not.toContain(pat.name)
    expect(bot.taskIds()).toEqual([])
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.says(id, kim.login)
    expect(bot.thread(id)).not.toContain(pat.login)
  })

  it('does not count ticks of an older look-up', async () => {
    await using bot = await start()
    const mails = ['old@corp.example']
    await addPerson(slapd, { login: 'old1', mails })
    await addPerson(slapd, { login: 'old2', mails })
    const form = await bot.form(bot.rita, '/disable-user old@corp.example')
    await form.fill('Accounts', ['*unix-ldap*  uid=old1'])
    await form.press('Find')
    await bot.until(
      'a new look-up',
      () => form.view().content['callback_id'] === 'disable_user' && !/\[x\].*unix-ldap/u.test(form.read()),
    )
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('Tick at least one account.')
    expect(bot.taskIds()).toEqual([])
  })

  it('asks for a tick when nothing is ticked', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await form.fill('Accounts', [])
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('Tick at least one account.')
    expect(bot.taskIds()).toEqual([])
  })

  it.each([
    ['its e-mail', (pat: { mail: string }) => pat.mail.toUpperCase()],
    ['its login', (pat: { login: string }) => pat.login],
    ['a group that holds it', () => `group:unix-ldap:${guarded}`],
  ])('never offers an account that is protected by %s', async (_, entry) => {
    const pat = await addPerson(slapd)
    await modifyAsAdmin(slapd.admin, guarded, [{ name: 'member', values: [personDn(pat.login)] }])
    await using bot = await start({ protected_accounts: { deny: [entry(pat)] } })
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toMatch(
      /🔒 .*unix-ldap.*protected.*: it is on the list of protected accounts\. It can't be changed through Drawbridge\./u,
    )
    expect(form.read()).not.toContain('Accounts')
    await form.submit()
    expect(form.read()).not.toContain('Something went wrong')
    expect(bot.taskIds()).toEqual([])
    await bot.rita.command(ids.channel, `/user-status ${pat.mail}`)
    await bot.told(bot.rita, 'protected')
    const buttons = bot.rita
      .ephemerals()
      .at(-1)
      ?.blocks.filter((block) => block['type'] === 'actions')
    expect(buttons).toEqual([])
  })

  it("never offers Drawbridge's own account", async () => {
    const pat = await addPerson(slapd)
    const own = { canary_dn: personDn(pat.login), canary_password: 'Correct-Horse-1' }
    await using bot = await startBot({ systems: [systemFor(slapd, 'unix-ldap', own)] })
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toContain('it is the account that Drawbridge itself uses to connect')
    expect(form.read()).not.toContain('Accounts')
  })

  it('wants two approvers and a reason for an account of that list', async () => {
    const pat = await addPerson(slapd)
    await using bot = await start({ protected_accounts: { two_approvers: [pat.mail] } })
    const form = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    expect(form.read()).toContain('needs two approvers')
    expect(await form.submit()).toMatchObject({ kind: 'errors' })
    expect(form.read()).toContain('is protected and needs two approvers. Please give a reason.')
    await form.fill('Description', 'case 1')
    await form.submit()
    const id = await bot.until('the task', () => bot.taskIds()[0])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.says(id, 'One approval is still missing.')
    expect(await pat.lock()).toEqual([])
    await bot.decide(bot.abel, id, 'Approve')
    await bot.status(id, 'Successful')
  })

  it('changes nothing when protection appears between the request and the start', async () => {
    const pat = await addPerson(slapd)
    await modifyAsAdmin(slapd.admin, guarded, [{ name: 'member', values: [personDn('nobody')] }])
    await using bot = await start({ protected_accounts: { deny: [`group:unix-ldap:${guarded}`] } })
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await modifyAsAdmin(slapd.admin, guarded, [{ name: 'member', values: [personDn(pat.login)] }])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Unsuccessful')
    await bot.says(id, 'was left alone: `uid=')
    expect(bot.thread(id)).toContain('is protected, because it is on the list of protected accounts')
    expect(await pat.lock()).toEqual([])
  })

  it('goes back to approval when an account turns out to need two approvers, and runs after the second', async () => {
    const pat = await addPerson(slapd)
    await modifyAsAdmin(slapd.admin, guarded, [{ name: 'member', values: [personDn('nobody')] }])
    await using bot = await start({ protected_accounts: { two_approvers: [`group:unix-ldap:${guarded}`] } })
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail} case 7`)
    await modifyAsAdmin(slapd.admin, guarded, [{ name: 'member', values: [personDn(pat.login)] }])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.says(id, 'this waits again, because')
    await bot.status(id, 'Pending approval')
    expect(await pat.lock()).toEqual([])
    await bot.decide(bot.abel, id, 'Approve')
    await bot.status(id, 'Successful')
    const events = await bot.app.store.read((ctx) => auditEventsOfTask(ctx, id))
    expect(events.filter((one) => one.kind === 'approval_reopened')).toMatchObject([
      { actor: 'system', facts: { approvalsNeeded: 2, system: 'unix-ldap' } },
    ])
  })

  it('leaves an account alone that turns out to need two approvers when nobody gave a reason', async () => {
    const pat = await addPerson(slapd)
    await modifyAsAdmin(slapd.admin, guarded, [{ name: 'member', values: [personDn('nobody')] }])
    await using bot = await start({ protected_accounts: { two_approvers: [`group:unix-ldap:${guarded}`] } })
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await modifyAsAdmin(slapd.admin, guarded, [{ name: 'member', values: [personDn(pat.login)] }])
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Unsuccessful')
    await bot.says(id, 'two approvers, and this task gives no reason: ask anew with a description.')
    expect(await pat.lock()).toEqual([])
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.until('the second refusal', () => bot.thread(id).split('gives no reason').length === 3)
    expect(await pat.lock()).toEqual([])
  })

  it('also changes an account that is found only when the task starts', async () => {
    await using other = await startSlapd({ saysLocked: true })
    await using bot = await startBot({ systems: [systemFor(slapd), systemFor(other, 'new-ldap')] })
    const pat = await addPerson(slapd)
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    const later = await addPerson(other, { login: pat.login, mails: [pat.mail] })
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.says(
      id,
      `Found only now and surely the same person: \`uid=${pat.login}\` in *new-ldap*. It is changed too.`,
    )
    expect(await later.canSignIn()).toBe(false)
  })

  it('leaves an account alone that is found only at the start and is protected', async () => {
    await using other = await startSlapd({ saysLocked: true })
    const pat = await addPerson(slapd)
    await using bot = await startBot({
      systems: [systemFor(slapd), systemFor(other, 'new-ldap')],
      changes: { protected_accounts: { deny: ['guarded-login'] } },
    })
    const id = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    const later = await addPerson(other, { login: 'guarded-login', mails: [pat.mail] })
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    await bot.says(
      id,
      'Also found now: `uid=guarded-login` in *new-ldap*. It is left alone, because it is on the list',
    )
    expect(await later.canSignIn()).toBe(true)
  })

  it('runs one task at a time on an account: an Enable waits while a Disable is still under way', async () => {
    await using proxy = await startFaultProxy({ host: '127.0.0.1', port: slapd.port })
    const proxied = { url: `ldap://127.0.0.1:${proxy.port}`, ca_file: undefined }
    await using bot = await startBot({
      systems: [systemFor(slapd, 'unix-ldap', proxied)],
      changes: {
        approval: { disable_account: { approvers: 0 }, enable_account: { approvers: 0 } },
        enforcement: { call_timeout: '2s' },
      },
    })
    const pat = await addPerson(slapd)
    const first = await bot.ask(bot.rita, `/disable-user ${pat.mail}`)
    await bot.status(first, 'Successful')
    const again = await bot.form(bot.rita, `/disable-user ${pat.mail}`)
    await again.fill('Accounts', [`*unix-ldap*  uid=${pat.login}`])
    const back = await bot.form(bot.rob, `/enable-user ${pat.mail}`)
    await back.fill('safe', ['verified'])
    proxy.fail({ kind: 'black_hole', at: 'bind' })
    proxy.cutAll()
    await again.submit()
    const disable = await bot.until('the Disable', () => bot.taskIds()[1])
    await bot.until('it to work', () => bot.root(disable).text.includes('unix-ldap: working'))
    await back.submit()
    const enable = await bot.until('the Enable', () => bot.taskIds()[2])
    await bot.until('it to wait', () =>
      bot.root(enable).text.includes('In progress. Requested by <@U0ROB>. unix-ldap: waiting'),
    )
    proxy.fail(undefined)
    proxy.cutAll()
    await bot.status(disable, 'Successful')
    await bot.status(enable, 'Successful')
    expect(await pat.canSignIn()).toBe(true)
    // It was still locked when the Disable looked, so the Enable came after it.
    expect(bot.thread(disable)).toContain('was already disabled')
  })
})

import { describe, expect, it } from 'vitest'
import { addMembers, insertLocalGroups } from '#db/queries/local-groups.ts'
import { updateLocalUsers } from '#db/queries/local-users.ts'
import { ids, startBot } from '#test/helpers/bot.ts'
import { groupRow } from '#test/helpers/local-rows.ts'
import { enrolled, roles, startStage as start } from '#test/helpers/local-stage.ts'

describe('/local-users', () => {
  it('adds somebody, who gets a mail, and says what is wrong with the form', async () => {
    await using stage = await start()
    const { bot, smtp, says, now, add } = stage
    await add('nonsense')
    await bot.until(
      'the sentence',
      () => now().errors()['email'] === 'This is not an e-mail address like name@example.com.',
    )
    await now().fill('email', 'Ann@corp.example')
    await now().fill('description', 'of <!channel> sales')
    await now().submit()
    await says('`Ann@corp.example` was added. A link to enroll is under way.')
    await says(/● \*Ann@corp\.example\* · Waiting for enrollment\s+of <!channel> sales/)
    await bot.until('the mail', () => smtp.arrived[0]?.to[0] === 'Ann@corp.example')
    await now().close()
    await add('ANN@corp.example')
    await bot.until('the sentence', () => /already a local user/.test(now().errors()['email'] ?? ''))
    expect(stage.bot.slack.messages(ids.channel)).toEqual([])
  })

  it('searches, filters, and says where there is nobody', async () => {
    await using stage = await start()
    const { bot, says, now, add, list, user } = stage
    const window = await list()
    expect(window.read()).toContain('There are no local users yet.')
    await window.close()
    for (const name of ['ann', 'bob']) await (await add(`${name}@corp.example`)).close()
    await enrolled(bot, (await user('bob@corp.example'))!.id)
    await list('bo')
    await says('1 to 1 of 1.')
    expect(now().read()).toContain('bob@corp.example')
    await now().fill('search', 'x%')
    await now().enter('search')
    await says('No local user fits `x%`.')
    await now().fill('search', '')
    await now().fill('local_users_filter:enrollment', 'enrollment:enrolled')
    await says('1 to 1 of 1.')
    expect(now().read()).toContain('● *bob@corp.example* · Enrolled')
  })

  it('disables, enables, describes, resends and deletes from the menu of each', async () => {
    await using stage = await start()
    const { bot, smtp, says, now, add, user } = stage
    await add('ann@corp.example')
    await says('was added')
    const { id } = (await user('ann@corp.example'))!
    const choose = (option: string) => now().press(`local_user_menu:${id}`, { option })
    await choose('Resend link')
    await says('Older links no longer work.')
    await bot.until('a second mail', () =>
      smtp.arrived.some((one) => one.mail.messageId?.includes(`${id}.2`)),
    )
    await enrolled(bot, id)
    await now()
      .press('local_users_page:next')
      .catch(() => now().enter('search'))
    await says('Enrolled')
    await choose('Disable')
    await says('is disabled, and all its sessions have ended.')
    await says('○ *ann@corp.example* · Enrolled · disabled')
    await choose('Enable')
    await says('`ann@corp.example` is enabled.')
    await bot.app.store.write((ctx) => updateLocalUsers(ctx, [id], { enrolledAt: null, state: 'disabled' }))
    await now().enter('search')
    await says('○ *ann@corp.example* · Link expired · disabled')
    await choose('Enable')
    await says('`ann@corp.example` is enabled. A link to enroll is under way.')
    await choose('Edit description')
    await says('== Edit description ==')
    await now().fill('description', 'new')
    await now().submit()
    await says('The description was saved.')
    await choose('Delete …')
    await says('can’t be undone')
    await now().submit()
    await says('The local user was deleted.')
    expect(await user('ann@corp.example')).toBeUndefined()
  })

  it('imports a file after saying what it would do, and shows what failed', async () => {
    await using stage = await start()
    const { bot, smtp, says, now, list } = stage
    await list()
    await now().press('Import CSV')
    await says('Nothing is imported before')
    const lines = Array.from(
      { length: 250 },
      (_, i) => `p${i}@corp.example,person ${i},${i < 2 ? 'vpn' : ''}`,
    )
    const content = ['email,description,groups', ...lines, 'nonsense,x,'].join('\r\n')
    await now().attach('file', [{ name: 'people.csv', content }])
    await now().submit()
    const said = await says('*250* new')
    expect(said).toContain('*1* can’t be imported (line 252)')
    expect(said).toContain('*1* new group: `vpn`')
    expect(said).toContain('Line 252: `nonsense` — This is not an e-mail address')
    await now().press('Failed rows (CSV)')
    await says('as a direct message')
    await bot.told(bot.abel, 'Here are the rows that failed, with their reasons.')
    await now().submit()
    await bot.until('all mails', () => smtp.arrived.length === 250)
    await now().press('Refresh')
    await says('⚠️ 250 imported, 1 failed.')
    await says('Line 252: `nonsense` — This is not an e-mail address')
    const root = await bot.until('the batch’s message', () =>
      bot.slack.messages(ids.channel).find((message) => message.text.endsWith('⚠️ 250 imported, 1 failed.')),
    )
    expect(root.text).toContain('Import · 251 local users · started by')
    await bot.until('the failed rows', () =>
      bot.slack.renderThread(ids.channel, { threadTs: root.ts }).includes('failed-rows.csv'),
    )
    await now().close()
    await bot.abel.press(root, 'View details')
    await says('Line 252: `nonsense`')
    await now().press('Failed rows (CSV)')
    await bot.told(
      bot.abel,
      'Here are the rows that failed, with their reasons. Mended, the file can be imported.',
    )
    await says('as a direct message')
    await now().press('Local users')
    await says('1 to 10 of 250.')
    await now().press('Export CSV')
    await says('as a direct message')
    await bot.told(bot.abel, 'Here are the local users that you asked for.')
    await now().press('Next')
    await says('11 to 20 of 250.')
  })

  it('says what is wrong with a file, and takes another one', async () => {
    await using stage = await start()
    const { says, now, list } = stage
    await list()
    await now().press('Import CSV')
    await says('Nothing is imported before')
    await now().attach('file', [
      { name: 'people.csv', content: Buffer.from('email\na@b.example\n', 'utf16le') },
    ])
    await now().submit()
    await says('This file is encoded as UTF-16.')
    await now().attach('file', [{ name: 'people.csv', content: 'email\na@b.example\n' }])
    await now().submit()
    await says('*1* new')
    expect(stage.bot.slack.messages(ids.channel)).toEqual([])
  })

  it('changes everybody once their number is typed', async () => {
    await using stage = await start()
    const { bot, says, now, add, user } = stage
    for (const name of ['ann', 'bob']) {
      await (await add(`${name}@corp.example`)).close()
      await bot.until('the mail', () => stage.smtp.arrived.length > 0)
      await enrolled(bot, (await user(`${name}@corp.example`))!.id)
    }
    await stage.list()
    await now().press('Manage all accounts …')
    await says('All accounts')
    await now().fill('action', 'disable')
    await now().fill('typed', '3')
    await now().submit()
    await bot.until('the sentence', () => /There are 2 now/.test(now().errors()['typed'] ?? ''))
    await now().fill('typed', '2')
    await now().submit()
    await says('Disable · 2 local users')
    await bot.until('the end of the batch', () =>
      bot.slack.messages(ids.channel).some(({ text }) => text.includes('✅ 2 disabled')),
    )
    await now().press('Local users')
    await says('○ *bob@corp.example* · Enrolled · disabled')
    await now().press('Imports and batches')
    await says('✅ 2 disabled.')
    expect(stage.bot.slack.messages(ids.channel).map((message) => message.text)).toEqual([
      expect.stringMatching(/^Disable · 2 local users · started by .*: ✅ 2 disabled\.$/u),
    ])
  })

  it('sends a list of the accounts that failed, and does not call it a file to import', async () => {
    await using stage = await start()
    const { bot, says, now, add } = stage
    await (await add('ann@corp.example')).close()
    await stage.list()
    await now().press('Manage all accounts …')
    await says('All accounts')
    await now().fill('action', 'disable')
    await now().fill('typed', '1')
    await now().submit()
    await bot.until('the end of the batch', () =>
      bot.slack.messages(ids.channel).some(({ text }) => text.includes('⚠️ 0 disabled, 1 failed.')),
    )
    await now()
      .press('Refresh')
      .catch(() => undefined)
    await says('`ann@corp.example` — This person has not enrolled yet')
    await now().press('Failed rows (CSV)')
    const told = await bot.told(bot.abel, 'Here are the accounts that failed, with their reasons.')
    expect(told).not.toContain('can be imported')
  })

  it('is for local-user admins alone', async () => {
    await using stage = await start()
    const { bot } = stage
    for (const who of [bot.olga, bot.rita]) {
      for (const command of ['/local-users', '/local-groups']) {
        await who.command(ids.channel, command)
        await bot.until('the refusal', () =>
          [...who.modals(), ...who.ephemerals()].some((one) =>
            ('read' in one ? one.read() : one.text).includes('needs the role local-user admin'),
          ),
        )
      }
    }
    expect(stage.bot.slack.messages(ids.channel)).toEqual([])
  })

  it('says what the configuration lacks where there can be no local users', async () => {
    await using bot = await startBot({ systems: [], changes: { roles } })
    await bot.abel.command(ids.channel, '/local-users')
    await bot.sees(bot.abel, 'Local users need a mail server and a public address.')
  })
})

describe('/local-groups', () => {
  it('asks for a first local user, then adds, fills, renames and deletes groups', async () => {
    await using stage = await start()
    const { bot, says, now, add } = stage
    await bot.abel.command(ids.channel, '/local-groups')
    await says('Add a first local user')
    await now().press('Local users')
    await says('There are no local users yet.')
    await now().close()
    await (await add('ann@corp.example')).close()
    await bot.abel.command(ids.channel, '/local-groups')
    await says('*All local users* · 1 member')
    await now().press('Add a group')
    await says('== Add a group ==')
    await now().fill('name', 'ALL local USERS')
    await now().submit()
    await bot.until('the sentence', () => /already a group/.test(now().errors()['name'] ?? ''))
    await now().fill('name', 'VPN')
    await now().submit()
    await says('*VPN* · 0 members')
    await now().press(menuOf(now().view()), { option: 'Members …' })
    await says('Nobody is in it yet.')
    await now().fill('add', 'ann@corp.example, bob@corp.example')
    await now().submit()
    await bot.until(
      'the sentence',
      () => now().errors()['add'] === 'bob@corp.example is no local user. Add them first.',
    )
    await now().fill('add', 'ANN@corp.example')
    await now().fill('remove', 'bob@corp.example')
    await now().submit()
    await bot.until(
      'the sentence',
      () => now().errors()['remove'] === 'bob@corp.example is no local user. Leave the address out.',
    )
    await now().fill('remove', '')
    await now().submit()
    await says('1 put in, 0 taken out.')
    await says('*VPN* · 1 member')
    await now().press(menuOf(now().view()), { option: 'Members …' })
    await says('`ann@corp.example`')
    await now().submit()
    await says('Nothing was changed.')
    await now().press(menuOf(now().view()), { option: 'Rename or describe …' })
    await says('Change a group')
    await now().fill('name', 'vpn users')
    await now().submit()
    await says('*vpn users* · 1 member')
    await now().press(menuOf(now().view()), { option: 'Delete …' })
    await says('Access rules that name this group end.')
    const question = now()
    await bot.app.store.write(async (ctx) => await ctx.q.delete(ctx.t.localGroups))
    await question.submit()
    await says('Somebody else had deleted this group already.')
    await now().press('Add a group')
    await says('== Add a group ==')
    await now().fill('name', 'wiki')
    await now().submit()
    await says('*wiki* · 0 members')
    await now().press(menuOf(now().view()), { option: 'Delete …' })
    await says('Access rules that name this group end.')
    await now().submit()
    await says('The group was deleted.')
    expect(stage.bot.slack.messages(ids.channel)).toEqual([])
  })
})

it('every group’s members are a list, also of a group that the menu above the list has no room for', async () => {
  await using stage = await start()
  const { bot, says, now, add, user } = stage
  await (await add('ann@corp.example')).close()
  await (await add('bob@corp.example')).close()
  const names = Array.from({ length: 120 }, (_, i) => `group-${String(i).padStart(3, '0')}`)
  const { id: userId, emailKey } = (await user('ann@corp.example'))!
  await bot.app.store.write(async (ctx) => {
    await insertLocalGroups(
      ctx,
      names.map((name) => groupRow(name)),
    )
    await addMembers(ctx, [{ groupId: 'group-119', userId, emailKey }])
  })
  await bot.abel.command(ids.channel, '/local-groups group-119')
  await says('*group-119* · 1 member')
  await now().press(menuOf(now().view()), { option: 'Show members' })
  await says('1 to 1 of 1.')
  expect(now().read()).toContain('ann@corp.example')
  expect(now().read()).not.toContain('bob@corp.example')
  expect(now().read()).toContain('group-119')
  await now().press('Change this one …')
  await says('The one local user who fits the search and the filters now.')
})

/** The menu of the first group on the page. */
function menuOf(view: { readonly content: object }): string {
  return /local_group_menu:[\w-]+/.exec(JSON.stringify(view.content))?.[0] ?? 'no menu'
}

describe('Tasks about local users', () => {
  it('find and disable them like the accounts of any IAM system, and their word stands', async () => {
    await using stage = await start()
    const { bot, says, now, add, user } = stage
    await (await add('ann@corp.example')).close()
    const id = await bot.ask(bot.rita, '/disable-user ann@corp.example')
    await bot.decide(bot.ana, id, 'Approve')
    await bot.status(id, 'Successful')
    expect(await user('ann@corp.example')).toMatchObject({ state: 'disabled', generation: 2 })
    await stage.list()
    await says('○ *ann@corp.example* · Link expired · disabled · by a Disable task')
    const { id: userId } = (await user('ann@corp.example'))!
    await now().press(`local_user_menu:${userId}`, { option: 'Delete …' })
    await says('it is disabled still, until an Enable task')
  })
})

import { describe, expect, it } from 'vitest'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import { insertLocalGroups } from '#db/queries/local-groups.ts'
import { takePlaces } from '#db/queries/local-counts.ts'
import { changeMembersByEmail } from '#src/local-users/members.ts'
import { readLocalSettings } from '#src/local-users/settings.ts'
import { ids } from '#test/helpers/bot.ts'
import { auditTrail, lou } from '#test/helpers/local-admin.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { startStage } from '#test/helpers/local-stage.ts'

type Stage = Awaited<ReturnType<typeof startStage>>

/** So many local users who have enrolled, p00 and on, without mails. */
const people = async ({ bot }: Stage, many: number) =>
  await bot.app.store.write(async (ctx) => {
    const names = Array.from({ length: many }, (_, i) => `p${String(i).padStart(2, '0')}`)
    await insertLocalUsers(
      ctx,
      names.map((name) => localUserRow(name, { enrolledAt: new Date() })),
    )
    await takePlaces(ctx, 'users', many, 10_000)
  })

const groups = async ({ bot }: Stage, names: readonly string[]) =>
  await bot.app.store.write(async (ctx) => {
    await insertLocalGroups(
      ctx,
      names.map((name) => groupRow(name, { id: name.replaceAll(' ', '-') })),
    )
    await takePlaces(ctx, 'groups', names.length, 1_000)
  })

describe('Ticked local users', () => {
  it('are kept over the pages, changed together, and deleted after a second question', async () => {
    await using stage = await startStage()
    const { bot, list, says, now, user } = stage
    await people(stage, 12)
    const ended = (how: string) =>
      bot.until(how, () => bot.slack.messages(ids.channel).some(({ text }) => text.endsWith(how)))
    await list()
    await now().press('Choose some …')
    await says('Local users 1 to 10 of 12')
    await now().fill('action', 'disable')
    await now().submit()
    await bot.until('the sentence', () => now().errors()['ticked_0'] === 'Please tick at least one.')
    await now().fill('ticked', ['p01', 'p02'])
    await now().press('Next')
    await says('2 more ticked on other pages.')
    await now().fill('ticked', ['p11'])
    await now().press('Back')
    await says('1 more ticked on other pages.')
    expect(now().value('ticked')).toMatchObject({ selected_options: [{ value: 'p01' }, { value: 'p02' }] })
    await now().fill('ticked', ['p02'])
    await now().fill('action', 'disable')
    await now().submit()
    await says('Disable · 2 local users')
    await ended('✅ 2 disabled.')
    const state = async (name: string) => (await user(`${name}@corp.example`))?.state
    expect([await state('p01'), await state('p02'), await state('p11')]).toEqual([
      'enabled',
      'disabled',
      'disabled',
    ])
    await now().press('Local users')
    await says('1 to 10 of 12.')
    await now().press('Choose some …')
    await says('Local users 1 to 10 of 12')
    await now().fill('ticked', ['p00'])
    await now().fill('action', 'delete')
    await now().submit()
    await says('*1 local user*: `P00@corp.example`')
    expect(await state('p00')).toBe('enabled')
    await now().submit()
    await says('Delete · 1 local user')
    await ended('✅ 1 deleted.')
    expect(await state('p00')).toBeUndefined()
  })

  it('are at most eighty, with the way to more', async () => {
    await using stage = await startStage()
    const { bot, list, says, now } = stage
    await people(stage, 90)
    await list()
    await now().press('Choose some …')
    for (let page = 0; page < 9; page += 1) {
      await says(`Local users ${page * 10 + 1} to`)
      const names = Array.from({ length: 10 }, (_, i) => `p${String(page * 10 + i).padStart(2, '0')}`)
      await now().fill('ticked', names)
      if (page < 8) await now().press('Next')
    }
    await now().fill('action', 'resend')
    await now().submit()
    const said = await bot.until('the sentence', () => now().errors()['ticked_8'])
    expect(said).toBe(
      'Up to 80 can be ticked. For more, search or filter the list and change all that it shows.',
    )
  })
})

describe('The list of local users', () => {
  it('is sorted and filtered by state and group, and keeps that over its pages', async () => {
    await using stage = await startStage()
    const { bot, list, says, now } = stage
    await people(stage, 12)
    await bot.app.store.write(async (ctx) => {
      await insertLocalUsers(ctx, [
        localUserRow('zoe', { enrolledAt: new Date(), createdAt: new Date() }),
        localUserRow('yan', { enrolledAt: new Date(), state: 'disabled' }),
      ])
      await takePlaces(ctx, 'users', 2, 10_000)
    })
    await groups(stage, ['vpn'])
    const members = ['zoe', ...Array.from({ length: 12 }, (_, i) => `p${String(i).padStart(2, '0')}`)]
    const add = members.map((name) => `${name}@corp.example`).join(' ')
    await changeMembersByEmail({ store: bot.app.store, clock: bot.clock }, lou, 'vpn', { add, remove: '' })
    await list()
    await now().fill('local_users_filter:group', 'group:vpn')
    await says('1 to 10 of 13.')
    await now().fill('local_users_filter:sort', 'sort:newest')
    await says(/13\.\s+─+\s+● \*Zoe@corp\.example\* · Enrolled · vpn/)
    await now().press('Next')
    await says('11 to 13 of 13.')
    await now().fill('local_users_filter:group', 'group:any')
    await says('1 to 10 of 14.')
    await now().fill('local_users_filter:state', 'state:disabled')
    await says(/1 to 1 of 1\.\s+─+\s+○ \*Yan@corp\.example\*/)
    await now().press('Change this one …')
    const form = await says('Type 1 to go on')
    expect(form).toContain('The one local user who fits the search and the filters now.')
  })
})

describe('A batch that waits', () => {
  it('is cancelled at the press of the button on its message, by local-user admins alone', async () => {
    await using stage = await startStage()
    const { bot, list, says, now, user } = stage
    await people(stage, 2)
    // Whoever asked cannot be looked up, so it does not begin.
    await list()
    await now().press('Manage all accounts …')
    await says('All accounts')
    bot.slack.faults.whenever('users.info', { kind: 'error', error: 'internal_error' })
    await now().fill('action', 'disable')
    await now().fill('typed', '2')
    await now().submit()
    const root = await bot.until('the message', () =>
      bot.slack.messages(ids.channel).find(({ text }) => text.endsWith('🕓 Waits for its turn.')),
    )
    bot.slack.faults.clear()
    await bot.rita.press(root, 'Cancel')
    await bot.told(bot.rita, 'needs the role local-user admin')
    await bot.abel.press(root, 'Cancel')
    await bot.until('the end', () => bot.slack.messages(ids.channel)[0]?.text.includes('🚫 Cancelled by'))
    expect((await user('p00@corp.example'))?.state).toBe('enabled')
    await bot.abel.press(root, 'Cancel')
    await bot.told(bot.abel, 'This has ended already.')
    const kinds = (await auditTrail(bot.app.store)).map(({ kind }) => kind)
    expect(kinds).toEqual(['batch_requested', 'refused', 'batch_cancelled'])
  })
})

describe('Ticked groups', () => {
  it('are deleted after a second question that names them', async () => {
    await using stage = await startStage()
    const { bot, says, now } = stage
    await people(stage, 1)
    await groups(stage, ['build', 'sales', 'vpn'])
    await bot.abel.command(ids.channel, '/local-groups')
    await says('3 groups besides')
    await now().press('Choose some …')
    await says('Groups 1 to 3 of 3')
    await now().fill('ticked', ['build', 'vpn'])
    await now().submit()
    await says('*2 groups*: `build`, `vpn`')
    await now().submit()
    await says('2 groups were deleted.')
    await says('1 group besides')
    const kinds = (await auditTrail(bot.app.store)).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'local_group_deleted')).toHaveLength(2)
  })

  it('can be searched for, with the number of those that fit', async () => {
    await using stage = await startStage()
    const { bot, says, now } = stage
    await people(stage, 1)
    await groups(
      stage,
      Array.from({ length: 20 }, (_, i) => `team ${i}`),
    )
    await bot.abel.command(ids.channel, '/local-groups team 1')
    await says('11 groups found.')
    await now().press('Next')
    await says('*team 19*')
    expect(now().read()).not.toContain('Next')
  })
})

describe('Settings of local users', () => {
  it('say where people sign in, and change what holds for all of them', async () => {
    await using stage = await startStage()
    const { bot, list, says, now } = stage
    await list()
    await now().press('Settings')
    await says('https://access.example/sign-in')
    await now().fill('mfa', ['mfa'])
    await now().fill('brandingText', 'Access of Corp <b>')
    await now().submit()
    await says('The settings were saved.')
    expect(await bot.app.store.read(readLocalSettings)).toEqual({
      mfaRequired: true,
      brandingText: 'Access of Corp <b>',
    })
    const changed = (await auditTrail(bot.app.store)).filter(({ kind }) => kind === 'local_setting_changed')
    expect(changed.map(({ actor }) => actor)).toEqual([ids.abel, ids.abel])
    await now().press('Local users')
    await says('There are no local users yet.')
    await now().press('Settings')
    await says('Text on the sign-in page')
    expect(now().value('mfa')).toMatchObject({ selected_options: [{ value: 'mfa' }] })
  })
})

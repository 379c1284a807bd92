import { expect, it } from 'vitest'
import { insertLocalGroups } from '#db/queries/local-groups.ts'
import { takePlaces } from '#db/queries/local-counts.ts'
import { insertLocalUsers } from '#db/queries/local-users.ts'
import { ids, startBot } from '#test/helpers/bot.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { groupRow, localUserRow } from '#test/helpers/local-rows.ts'
import { startSmtp } from '#src/sandbox/mailbox/smtp.ts'

const roles = {
  viewer: [ids.omar],
  responder: [ids.rita],
  approver: [ids.approvers],
  owner: [ids.olga],
  local_user_admin: [ids.abel],
}
const hosts = [{ host: 'wiki.example.net', name: 'Wiki *1*' }, { host: 'shop.example.org:8443' }]
const rules = [{ to: ['host:wiki.example.net'], who: ['group:VPN', 'user:ceo@corp.example'] }]

async function start(access: object = { hosts, rules }) {
  await using stack = new AsyncDisposableStack()
  const smtp = stack.use(await startSmtp())
  const web = { public_url: 'https://access.example', secret: 'w'.repeat(32), port: 0 }
  const mail = { smtp_url: smtp.url, from: 'Drawbridge <no-reply@corp.example>' }
  const bot = stack.use(await startBot({ systems: [], changes: { roles, web, mail, access } }))
  await bot.app.store.write(async (ctx) => {
    await takePlaces(ctx, 'users', 1, 10)
    await takePlaces(ctx, 'groups', 2, 10)
    await insertLocalUsers(ctx, [localUserRow('ann')])
    await insertLocalGroups(ctx, [groupRow('build'), groupRow('vpn')])
  })
  const owned = stack.move()
  const says = (sentence: string | RegExp) => bot.sees(bot.abel, sentence)
  const now = () => bot.abel.modals().at(-1)!
  const pressed = (id: string) =>
    new RegExp(`${id}:[\\w-]+`).exec(JSON.stringify(now().view().content))?.[0] ?? id
  return { bot, says, now, pressed, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

it('Access rules are seen, added and removed from the groups of local users, and all of it is recorded', async () => {
  await using stage = await start()
  const { bot, says, now, pressed } = stage
  await bot.abel.command(ids.channel, '/local-groups')
  await says('*All local users* · 1 member')
  await now().press('Access rules')
  await says('Where no rule names anybody, nobody enters.')
  const fixed = await says('for the group *VPN*')
  expect(fixed).toContain('for `ceo@corp.example`')
  expect(fixed).toContain('Set in the configuration')
  expect(fixed).not.toContain('[Remove]')
  await now().press('Add a rule')
  await says('May reach')
  await now().fill('who', 'nobody')
  await now().fill('resource', 'host:shop.example.org:8443')
  await now().submit()
  await bot.until('the sentence', () => /no group of this name/.test(now().errors()['who'] ?? ''))
  await now().fill('who', 'Build')
  await now().submit()
  await says('The rule was added.')
  await says('for the group *build*')
  for (const [who, said] of [
    ['ANN@corp.example', 'for `Ann@corp.example`'],
    ['all local users', 'for *All local users*'],
  ] as const) {
    await now().press('Add a rule')
    await says('May reach')
    await now().fill('resource', 'host:shop.example.org:8443')
    await now().fill('who', who)
    await now().submit()
    await says(said)
  }
  await now().press('Add a rule')
  await says('May reach')
  await now().fill('resource', 'host:shop.example.org:8443')
  await now().fill('who', 'build')
  await now().submit()
  await says('This rule was there already.')
  await now().press(pressed('access_rule_remove'), { confirm: true })
  await says('The rule was removed.')
  const kinds = (await auditTrail(bot.app.store)).flatMap(({ kind, actor }) =>
    kind.startsWith('access_') ? [`${kind} ${actor}`] : [],
  )
  expect(kinds).toEqual([
    ...Array.from({ length: 3 }, () => `access_rule_added ${ids.abel}`),
    `access_rule_removed ${ids.abel}`,
  ])
  expect(bot.slack.messages(ids.channel)).toEqual([])
})

it('Access of one group is seen and changed from its menu', async () => {
  await using stage = await start()
  const { bot, says, now, pressed } = stage
  await bot.abel.command(ids.channel, '/local-groups vpn')
  await says('*vpn* · 0 members')
  await now().press(pressed('local_group_menu'), { option: 'Access …' })
  expect(await says('What *vpn* may reach.')).toContain('host `wiki.example.net`')
  await now().press('Add a rule')
  await says('For everybody in *vpn*, now and later.')
  await now().fill('resource', 'host:shop.example.org:8443')
  await now().submit()
  await says('The rule was added.')
  expect(await says('host `shop.example.org:8443`')).not.toContain('build')
  await now().press('Groups')
  await says('*vpn* · 0 members')
})

it('Access rules say where there is nothing to reach', async () => {
  await using stage = await start({})
  const { bot, says, now } = stage
  await bot.abel.command(ids.channel, '/local-groups')
  await says('*All local users* · 1 member')
  await now().press('Access rules')
  expect(await says('There is nothing to reach yet')).not.toContain('Add a rule')
})

it('Access rules come in pages, and what is no longer configured says so', async () => {
  await using stage = await start()
  const { bot, says, now } = stage
  await bot.app.store.write(async (ctx) => {
    const rows = Array.from({ length: 20 }, (_, i) => ({
      ...{
        id: `r${i}`,
        resourceKind: 'host',
        resourceId: `old${i}.example.net`,
        whoKind: 'everybody',
        whoId: '',
      },
      ...{ createdAt: new Date(i), createdBy: ids.abel },
    }))
    await ctx.q.insert(ctx.t.accessRules).values(rows)
  })
  await bot.abel.command(ids.channel, '/local-groups')
  await says('*All local users* · 1 member')
  await now().press('Access rules')
  await says('1 to 15 of 22.')
  await says('The configuration has it no longer: nobody gets in.')
  await now().press('Next')
  expect(await says('16 to 22 of 22.')).toContain('old19.example.net')
  await now().press('Back')
  await says('1 to 15 of 22.')
})

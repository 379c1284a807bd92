import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('/iam-systems', () => {
  let good: Slapd
  let poor: Slapd
  beforeAll(async () => {
    good = await startSlapd({ saysLocked: true })
    poor = await startSlapd({ hidden: ['pwdReset'] })
    await addPerson(good)
    await addPerson(poor)
  })
  afterAll(async () => {
    await good[Symbol.asyncDispose]()
    await poor[Symbol.asyncDispose]()
  })
  const open = async (who: Bot['olga']) => {
    await who.command(ids.channel, '/iam-systems')
    return await who.modal('iam_systems')
  }

  it('tells an owner about each system: what is missing, who grants it, and what is away', async () => {
    await using bot = await startBot({
      systems: [
        systemFor(good, 'good-ldap'),
        systemFor(poor, 'poor-ldap'),
        systemFor(good, 'gone-ldap', { url: 'ldaps://127.0.0.1:1' }),
      ],
    })
    const shown = (await open(bot.olga)).read()
    expect(shown).toContain('2 of 3')
    expect(shown).toContain('Missing: write pwdReset below')
    expect(shown).toContain("The directory's administrator (cn=config) can grant it.")
    expect(shown).toContain("It can't be reached (connection refused).")
    // Who needs somebody stands first.
    expect(shown.indexOf('gone-ldap')).toBeLessThan(shown.indexOf('poor-ldap'))
    expect(shown.indexOf('poor-ldap')).toBeLessThan(shown.indexOf('good-ldap'))
    expect(shown).toContain(good.ldapsUrl)
    expect(bot.slack.messages(ids.channel)).toEqual([])
  })

  it('looks again for whoever has just put something right', async () => {
    await using slapd = await startSlapd()
    await using bot = await startBot({ systems: [systemFor(slapd)] })
    const window = await open(bot.olga)
    expect(window.read()).toContain('Missing: read people below')
    await addPerson(slapd)
    await window.press('Look again')
    await bot.shows(window, 'all rights granted')
  })

  it('is for owners alone', async () => {
    await using bot = await startBot({ systems: [systemFor(good)] })
    await bot.rita.command(ids.channel, '/iam-systems')
    await bot.sees(bot.rita, /owner/u)
    expect(bot.rita.modals().at(-1)?.read()).not.toContain('unix-ldap')
  })

  it('explains itself to everybody', async () => {
    await using bot = await startBot({ systems: [systemFor(good)] })
    await bot.nora.command(ids.channel, '/iam-systems help')
    await bot.told(bot.nora, 'without changing anything')
  })
})

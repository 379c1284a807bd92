import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { ids, startBot } from '#test/helpers/bot.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('a shortcut', () => {
  let slapd: Slapd
  beforeAll(async () => {
    slapd = await startSlapd({ saysLocked: true })
  })
  afterAll(async () => {
    await slapd[Symbol.asyncDispose]()
  })
  const start = () => startBot({ systems: [systemFor(slapd)] })

  it('in the menu of an alert disables the person whom it names, and enables them again', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    // The bot is no member of that channel, and need not be.
    bot.slack.updateChannel(ids.elsewhere, { members: [ids.rita] })
    const alert = await bot.rita.say(ids.elsewhere, `Impossible travel: user=${pat.mail} (told by @rita)`)
    await bot.rita.shortcut('disable_user_in_message', alert)
    const list = await bot.rita.modal('disable_people')
    expect(list.read()).toContain('Take out who is not meant')
    expect(list.read()).toContain(pat.mail)
    await list.close('all')

    const clear = await bot.rita.say(ids.elsewhere, `Impossible travel: user=${pat.mail}`)
    await bot.rita.shortcut('disable_user_in_message', clear)
    const form = await bot.rita.modal('disable_user')
    await bot.shows(form, pat.name)
    expect((await form.submit()).kind).toBe('cleared')
    const taskId = await bot.until('the task', () => bot.taskIds()[0])
    await bot.told(bot.rita, `Task ${taskId} was created`)
    await bot.decide(bot.ana, taskId, 'Approve')
    await bot.status(taskId, 'Successful')

    await bot.rita.shortcut('enable_user_in_message', clear)
    const enable = await bot.rita.modal('enable_user')
    await bot.shows(enable, pat.name)
    await enable.fill('safe', ['verified'])
    expect((await enable.submit()).kind).toBe('cleared')
    const second = await bot.until('the Enable', () => bot.taskIds()[1])
    await bot.decide(bot.ana, second, 'Approve')
    await bot.status(second, 'Successful')
  })

  it('looks up whoever is mentioned by the address of their Slack profile', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    bot.slack.addUser({ id: 'U0PAT', name: 'pat', email: pat.mail })
    const alert = await bot.rita.say(ids.channel, `@pat clicked on it: ${pat.mail}`)
    await bot.rita.shortcut('disable_user_in_message', alert)
    await bot.shows(await bot.rita.modal('disable_user'), pat.name)
  })

  it('says that a message names nobody, or only an app, and takes a name then', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    const nothing = await bot.rita.say(ids.channel, 'Something is on fire')
    await bot.rita.shortcut('disable_user_in_message', nothing)
    const form = await bot.rita.modal('disable_user')
    expect(form.read()).toContain('This message names nobody')
    await form.fill('person', pat.mail)
    await form.submit()
    await bot.shows(form, pat.name)
    await form.close('all')

    const app = await bot.rita.say(ids.channel, '@drawbridge is on fire')
    await bot.rita.shortcut('disable_user_in_message', app)
    await bot.shows(await bot.rita.modal('disable_user'), 'is an app, not a person')
  })

  it('lists everybody whom a long message names, as far as the field goes, and says how many more there are', async () => {
    await using bot = await start()
    const named = Array.from({ length: 200 }, (_, index) => `person-${index}@corp.example`)
    const alert = await bot.rita.say(ids.channel, named.join(' '))
    await bot.rita.shortcut('disable_user_in_message', alert)
    const list = await bot.rita.modal('disable_people')
    const shown = list.read().match(/person-\d+@corp\.example/gu) ?? []
    expect(shown).toEqual(named.slice(0, shown.length))
    expect(shown.length).toBeGreaterThan(100)
    expect(list.read()).toContain(`${200 - shown.length} more do not fit here`)
  })

  it('from anywhere opens the empty form, and the answer comes as a direct message', async () => {
    await using bot = await start()
    const pat = await addPerson(slapd)
    await bot.rita.shortcut('disable_user_anywhere')
    const form = await bot.rita.modal('disable_user')
    expect(form.read()).not.toContain('names nobody')
    await form.fill('person', pat.mail)
    await form.submit()
    await bot.shows(form, pat.name)
    expect((await form.submit()).kind).toBe('cleared')
    const taskId = await bot.until('the task', () => bot.taskIds()[0])
    await bot.told(bot.rita, `Task ${taskId} was created`)
    expect(bot.rita.ephemerals()).toEqual([])
  })

  it('is refused to people who may not ask, and says so in the form', async () => {
    await using bot = await start()
    await bot.nora.shortcut('disable_user_anywhere')
    await bot.sees(bot.nora, 'the role responder')
  })
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Okta, startOkta } from '#src/sandbox/okta/start.ts'
import { type Bot, startBot } from '#test/helpers/bot.ts'
import { mustBeAsPublished } from '#test/helpers/vendor-schemas.ts'

const alice = 'alice@corp.example'

describe('One person in Okta', () => {
  let okta: Okta
  let folder = ''
  beforeEach(async () => {
    okta = await startOkta({ people: [{ login: alice, displayName: 'Alice Nguyen' }] })
    folder = await mkdtemp(join(tmpdir(), 'drawbridge-okta-'))
  })
  afterEach(async () => {
    await okta.close()
    await rm(folder, { recursive: true })
    await mustBeAsPublished({ okta })
  })
  const start = async (): Promise<Bot> => {
    const privateKeyFile = join(folder, 'key.pem')
    await writeFile(privateKeyFile, okta.app.privateKeyPem)
    const { clientId, keyId } = okta.app
    const proof = { client_id: clientId, key_id: keyId, private_key_file: privateKeyFile }
    return await startBot({ systems: [{ id: 'okta', kind: 'okta', url: okta.url, ...proof }] })
  }
  const decided = async (bot: Bot, line: string): Promise<string> => {
    const id = await bot.ask(bot.rita, line)
    await bot.decide(bot.ana, id, 'Approve')
    return id
  }

  it('is suspended with the sessions ended, says what lives on, and is restored', async () => {
    await using bot = await start()
    const id = await decided(bot, `/disable-user ${alice}`)
    await bot.status(id, 'Successful')
    expect(okta.person(alice)).toMatchObject({ status: 'SUSPENDED', sessions: [], oauthTokens: [] })
    await bot.says(id, 'Applications that keep their own sessions may let the person stay until those end.')
    await bot.status(await decided(bot, `/enable-user ${alice}`), 'Successful')
    expect(okta.person(alice).status).toBe('ACTIVE')
  })

  it('is never called disabled while it can come back, and deactivated when that is asked for and approved', async () => {
    await using bot = await start()
    okta.changePerson(alice, { status: 'RECOVERY' })
    const id = await decided(bot, `/disable-user ${alice}`)
    await bot.status(id, 'Unsuccessful')
    await bot.says(id, /can't suspend `alice@corp\.example` while its status is `RECOVERY`/u)
    const reply = await bot.until('the offer', () =>
      bot.slack
        .messages('C0SECURITY')
        .flatMap((one) => one.replies)
        .find((one) => one.text.includes("can't suspend")),
    )
    await bot.rita.press(reply, 'Deactivate instead')
    await (await bot.rita.modal('disable_user')).submit()
    const instead = await bot.until('the new task', () => bot.taskIds().find((one) => one !== id))
    expect(okta.person(alice).status).toBe('RECOVERY')
    await bot.decide(bot.ana, instead, 'Approve')
    await bot.status(instead, 'Successful')
    expect(okta.person(alice).status).toBe('DEPROVISIONED')
    await bot.status(await decided(bot, `/enable-user ${alice}`), 'Successful')
    expect(['PROVISIONED', 'ACTIVE']).toContain(okta.person(alice).status)
    expect(JSON.stringify(bot.log.lines)).not.toContain(okta.person(alice).linkToken)
  })

  it('that may not be suspended names the right, where and by whom it is granted; Retry then does it', async () => {
    await using bot = await start()
    okta.app.permissions.delete('okta.users.lifecycle.suspend')
    const id = await decided(bot, `/disable-user ${alice}`)
    await bot.status(id, 'Unsuccessful')
    await bot.says(
      id,
      'lacks the right *okta.users.lifecycle.suspend* in its admin role, under Security → Administrators. An Okta super administrator can grant it.',
    )
    okta.app.permissions.add('okta.users.lifecycle.suspend')
    await bot.press(bot.rita, id, 'Retry failed')
    await bot.status(id, 'Successful')
  })

  it('has to choose a new password, and is signed out', async () => {
    await using bot = await start()
    await bot.status(await decided(bot, `/force-password-reset ${alice}`), 'Successful')
    expect(okta.person(alice)).toMatchObject({ status: 'PASSWORD_EXPIRED', sessions: [] })
    okta.changePerson(alice, { status: 'ACTIVE' })
    const id = await bot.ask(bot.rita, `/force-sign-out ${alice}`)
    await bot.status(id, 'Successful')
    expect(okta.person(alice).status).toBe('ACTIVE')
  })

  it('is suspended when Okta takes calls again', async () => {
    await using bot = await start()
    okta.faults.whenever(
      { method: 'POST', path: /suspend$/ },
      { kind: 'rate_limited', resetInSeconds: 3 },
      { times: 1 },
    )
    await bot.status(await decided(bot, `/disable-user ${alice}`), 'Successful')
    expect(okta.person(alice).status).toBe('SUSPENDED')
  })

  it('who administers Okta is protected', async () => {
    await using bot = await start()
    okta.changePerson(alice, { roles: ['SUPER_ADMIN'] })
    const form = await bot.form(bot.rita, `/disable-user ${alice}`)
    expect(form.read()).toContain('protected')
    expect(form.read()).toContain('Super Admin')
  })
})

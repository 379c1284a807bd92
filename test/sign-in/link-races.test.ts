import { expect, it } from 'vitest'
import { keepLink, localUsersByIds } from '#db/queries/local-users.ts'
import { addUser } from '#src/local-users/add.ts'
import { enroll, linkToken } from '#src/local-users/enrollment.ts'
import { UserError } from '#src/errors.ts'
import { secret } from '#src/secrets.ts'
import { createSignIn } from '#src/sign-in/sign-in.ts'
import { localUserDeps, lou } from '#test/helpers/local-admin.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

const secrets = [secret('w'.repeat(32))]
const email = 'ann@corp.example'
const words = ['apricot', 'bramble', 'cypress', 'dahlia', 'elder', 'fennel']
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof UserError ? error.code : error),
  )

describeOnBothEngines('A link', (_open, databases) => {
  it('that several use at once on two replicas, each with another password, counts for one of them', async () => {
    const url = await databases.newUrl()
    const one = localUserDeps(await databases.openUrl(url))
    const other = { ...one, store: await databases.openUrl(url) }
    const { id: userId } = await addUser(one, lou, { email, description: '' })
    const [user] = await one.store.read((ctx) => localUsersByIds(ctx, [userId]))
    const link = linkToken(secrets[0] ?? secret(''), { userId, generation: user?.generation ?? 0 })
    const good = { linkHash: link.hash, linkExpiresAt: new Date(one.clock.now().getTime() + 60_000) }
    const of = { userId, generation: user?.generation ?? 0, isForEnrolled: false }
    expect(await one.store.write((ctx) => keepLink(ctx, of, good))).toBe(true)
    const passwords = words.map((word) => `${word} lantern over quiet sea`)
    const outcomes = await Promise.all(
      passwords.map((password, n) => codeOf(enroll(n % 2 ? one : other, link.reveal(), secret(password)))),
    )
    expect(outcomes.filter((said) => said === 'done')).toHaveLength(1)
    expect(outcomes.filter((said) => said === 'stale')).toHaveLength(words.length - 1)
    const signIn = createSignIn({ ...one, secrets })
    for (const [n, password] of passwords.entries()) {
      const given = { email, password: secret(password), source: `192.0.2.${n}`, label: '' }
      const said = await codeOf(signIn.withPassword(given))
      expect(said, password).toBe(outcomes[n] === 'done' ? 'done' : 'not_understood')
      one.clock.move(15 * 60_000)
    }
  })
})

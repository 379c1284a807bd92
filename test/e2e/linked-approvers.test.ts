import { expect, it } from 'vitest'
import { insertFactor } from '#db/queries/second-factors.ts'
import { bindingOfSlack, confirmBinding, insertBinding } from '#db/queries/slack-bindings.ts'
import { ids } from '#test/helpers/bot.ts'
import { auditTrail } from '#test/helpers/local-admin.ts'
import { startStage } from '#test/helpers/local-stage.ts'

const email = 'ana@corp.example'

/** The bot with Ana linked to her local user. */
async function start() {
  await using stack = new AsyncDisposableStack()
  const stage = stack.use(await startStage({ approval: { disable_account: { step_up: true } } }))
  const { bot, add, says, user } = stage
  const window = await add(email)
  await says('was added')
  await window.close()
  const { id: userId } = (await user(email))!
  const [createdAt, requestId] = [bot.clock.now(), 'request-ana']
  await bot.app.store.write(async (ctx) => {
    await insertBinding(ctx, { slackUserId: ids.ana, userId, state: 'asked', requestId, createdAt })
    await confirmBinding(ctx, requestId, { confirmedAt: createdAt, confirmedBy: ids.olga })
    await insertFactor(ctx, { id: 'f', userId, kind: 'totp', name: 'Phone', createdAt })
  })
  const owned = stack.move()
  return { ...stage, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

it('An owner sees which approvers are linked, and takes a link away', async () => {
  await using stage = await start()
  const { bot } = stage
  await bot.olga.command(ids.channel, '/iam-systems')
  const systems = await bot.olga.modal('iam_systems')
  await systems.press('Linked approvers')
  await bot.sees(bot.olga, '1 of 3 approvers')
  const window = await bot.olga.modal('bindings')
  expect(window.read()).toContain(`Linked to \`${email}\``)
  expect(window.read()).toContain('Not linked.')
  await window.press('Unlink')
  await bot.sees(bot.olga, 'The link was taken away.')
  await bot.sees(bot.olga, '0 of 3 approvers')
  const { store } = bot.app
  expect(await store.read((ctx) => bindingOfSlack(ctx, ids.ana))).toBeUndefined()
  await bot.told(bot.ana, 'took the link away')
  expect((await auditTrail(store)).filter(({ kind }) => kind === 'binding_removed')).toMatchObject([
    { actor: ids.olga, facts: { slackUserId: ids.ana, state: 'confirmed' } },
  ])
})

it('A link that is gone already is said so', async () => {
  await using stage = await start()
  const { bot } = stage
  const open = async () => {
    await bot.olga.command(ids.channel, '/iam-systems')
    await (await bot.olga.modal('iam_systems')).press('Linked approvers')
    await bot.sees(bot.olga, '1 of 3 approvers')
    return await bot.olga.modal('bindings')
  }
  const window = await open()
  await bot.app.store.write((ctx) => ctx.q.delete(ctx.t.slackBindings))
  await window.press('Unlink')
  await bot.sees(bot.olga, 'This request is no longer there')
  expect(window.read()).toContain('0 of 3 approvers')
})

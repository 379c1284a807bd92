import { localUsersByEmailKeys, updateLocalUsers } from '#db/queries/local-users.ts'
import { type Bot, ids, startBot } from '#test/helpers/bot.ts'
import { startSmtp } from '#src/sandbox/mailbox/smtp.ts'

/** Who may what, with abel as the one who manages local users. */
export const roles = {
  viewer: [ids.omar],
  responder: [ids.rita],
  approver: [ids.approvers],
  owner: [ids.olga],
  local_user_admin: [ids.abel],
}

/** The bot with a mail server and without any other IAM system, and what a local-user admin does with it. */
export async function startStage(changes: object = {}) {
  await using stack = new AsyncDisposableStack()
  const smtp = stack.use(await startSmtp())
  const web = { public_url: 'https://access.example', secret: 'w'.repeat(32), port: 0 }
  const mail = { smtp_url: smtp.url, from: 'Drawbridge <no-reply@corp.example>' }
  const bot = stack.use(await startBot({ systems: [], changes: { roles, web, mail, ...changes } }))
  const owned = stack.move()
  const list = async (text = '') => {
    await bot.abel.command(ids.channel, `/local-users ${text}`)
    return await bot.abel.modal('local_users')
  }
  /** The one window of the admin, whatever it shows now. */
  const says = (sentence: string | RegExp) => bot.sees(bot.abel, sentence)
  const now = () => bot.abel.modals().at(-1)!
  const add = async (email: string, description = '') => {
    const window = await list()
    await window.press('Add a local user')
    await says('A link to enroll goes to this address.')
    await now().fill('email', email)
    if (description !== '') await now().fill('description', description)
    await now().submit()
    return window
  }
  const user = async (email: string) =>
    (await bot.app.store.read((ctx) => localUsersByEmailKeys(ctx, [email])))[0]
  return { bot, smtp, list, says, now, add, user, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Makes somebody have enrolled. */
export const enrolled = async (bot: Bot, id: string) =>
  bot.app.store.write((ctx) => updateLocalUsers(ctx, [id], { enrolledAt: new Date(), linkExpiresAt: null }))

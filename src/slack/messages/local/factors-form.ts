import type { LocalUser } from '#src/local-users/account.ts'
import { modal, section } from '#src/slack/block-kit/index.ts'
import type { ModalView } from '#src/slack/context.ts'
import type { UsersFilter } from '#src/slack/messages/local/users.ts'
import { boldForeign } from '#src/slack/text.ts'

/** The question before somebody's second factors are taken away. Pure. */
export function resetFactorsForm(filter: UsersFilter, { id, email }: LocalUser): ModalView {
  return modal({
    id: 'local_factors_reset',
    title: 'Reset second factors',
    submit: 'Reset',
    close: 'Cancel',
    meta: { filter, id },
    blocks: [
      section(
        `${boldForeign(email)} loses the authenticator apps, passkeys and recovery codes, and all sessions end. At the next sign-in the password is enough to set up new ones: be sure who asked you.`,
      ),
    ],
  })
}

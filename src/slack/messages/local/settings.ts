import { type LocalSettings, longestBranding } from '#src/local-users/settings.ts'
import {
  actions,
  button,
  checkboxes,
  context,
  input,
  modal,
  section,
  textInput,
} from '#src/slack/block-kit/index.ts'
import type { ModalView } from '#src/slack/context.ts'
import { code, escapeMrkdwn } from '#src/slack/text.ts'

/** The value of the box that asks everybody for a second factor. */
export const mfaBox = 'mfa'

/** What holds for all local users, to be seen and changed. `said`: what just happened. Pure. */
export function settingsForm(facts: {
  readonly settings: LocalSettings
  readonly signInUrl: string
  readonly said?: string | undefined
}): ModalView {
  const { settings, signInUrl, said } = facts
  return modal({
    id: 'local_settings',
    title: 'Settings',
    submit: 'Save',
    close: 'Close',
    meta: settings,
    blocks: [
      ...(said === undefined ? [] : [section(escapeMrkdwn(said))]),
      actions(
        [
          button({ id: 'local_users_back', text: 'Local users' }),
          button({ id: 'access_rules', text: 'Access rules' }),
        ],
        { blockId: 'deeds' },
      ),
      section(`*Sign-in link*\n${code(signInUrl)}`, {
        accessory: button({
          id: 'view_task:sign_in',
          text: 'Open',
          url: signInUrl,
          spoken: 'Open the sign-in page',
        }),
      }),
      context('Select the link to copy it. It is the same for all local users and gives nobody a right.'),
      input({
        blockId: 'mfa',
        label: 'Second factor',
        optional: true,
        element: checkboxes({
          id: 'mfa',
          ticked: settings.mfaRequired ? [mfaBox] : [],
          choices: [
            {
              value: mfaBox,
              text: 'All local users need one',
              description: 'An authenticator app or a passkey; who has none sets it up at sign-in',
            },
          ],
        }),
      }),
      input({
        blockId: 'brandingText',
        label: 'Text on the sign-in page',
        optional: true,
        hint: 'Plain text above the form, so that people see whose page it is.',
        element: textInput({
          id: 'brandingText',
          initial: settings.brandingText,
          multiline: true,
          maxLength: longestBranding,
        }),
      }),
    ],
  })
}

import { z } from 'zod'
import { keepLocalSetting, localSettings } from '#db/queries/local-settings.ts'
import type { ReadContext } from '#db/store.ts'
import { record } from '#src/audit/audit.ts'
import { UserError } from '#src/errors.ts'
import { longerThan } from '#src/local-users/account.ts'
import { changeAs, type LocalUserDeps } from '#src/local-users/deps.ts'
import type { Actor } from '#src/people/actor.ts'

/** What holds for all local users. */
export interface LocalSettings {
  /** Whether everybody signs in with a second factor. */
  readonly mfaRequired: boolean
  /** Shown on top of the sign-in page: plain text, empty for none. */
  readonly brandingText: string
}

/** How long the branding text may be. */
export const longestBranding = 300

const schema = z.object({ mfaRequired: z.boolean(), brandingText: z.string() }).partial()

/** The settings of this moment. Until somebody changes them: no second factor asked for, no branding. */
export async function readLocalSettings(ctx: ReadContext): Promise<LocalSettings> {
  const { mfaRequired = false, brandingText = '' } = schema.parse(
    Object.fromEntries(await localSettings(ctx)),
  )
  return { mfaRequired, brandingText }
}

/** Changes settings; those not named stay. Throws `UserError`: `not_allowed`, `too_long` under `brandingText`. */
export async function changeLocalSettings(
  deps: LocalUserDeps,
  actor: Actor,
  changes: Partial<LocalSettings>,
): Promise<void> {
  await changeAs(deps, actor, async (ctx, { by, now }) => {
    const before = await readLocalSettings(ctx)
    const wanted = { ...before, ...changes, brandingText: plain(changes.brandingText ?? before.brandingText) }
    for (const key of ['mfaRequired', 'brandingText'] as const) {
      if (wanted[key] === before[key]) continue
      await keepLocalSetting(ctx, { key, value: wanted[key], updatedAt: now, updatedBy: by })
      await record(ctx, now, {
        kind: 'local_setting_changed',
        actor: by,
        facts: { key, before: before[key], after: wanted[key] },
      })
    }
  })
}

/** Text as it is kept: lines without other control characters. */
function plain(text: string): string {
  const kept = text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n]/gu, ' ')
    .trim()
  if (!longerThan(kept, longestBranding)) return kept
  const sentence = `The text has at most ${longestBranding} characters.`
  throw new UserError('too_long', sentence, 'brandingText')
}

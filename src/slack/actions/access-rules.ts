import { z } from 'zod'
import { UserError } from '#src/errors.ts'
import { removeAccessRule } from '#src/sign-in/access-rules-change.ts'
import type { ActionContext, ModalView } from '#src/slack/context.ts'
import { type AccessFilter, accessRuleForm } from '#src/slack/messages/local/access.ts'
import { AccessMeta, accessWindow, groupOf } from '#src/slack/modals/access-rules.ts'
import { GroupsMeta, groupsWindow } from '#src/slack/modals/local-groups.ts'
import { defineAction, type Services } from '#src/slack/services.ts'

const right = 'local_user_admin'
type Ctx = ActionContext<Services>

/** Shows a window; the list of groups, with the reason, where what it is about is gone. */
async function show(ctx: Ctx, filter: AccessFilter, view: () => Promise<ModalView>): Promise<void> {
  try {
    await ctx.form?.update(await view())
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    await ctx.form?.update(await groupsWindow(ctx, filter.groups, error.message))
  }
}

const filterIn = (ctx: Ctx): AccessFilter => AccessMeta.parse(ctx.form?.meta)

/** **Access rules** in the window of `/local-groups`, and in that of the settings, which holds no list of groups. */
export const accessRules = defineAction({
  id: 'access_rules',
  right,
  value: z.unknown(),
  async run(_, ctx) {
    const { data: groups = { text: '', page: 0 } } = GroupsMeta.safeParse(ctx.form?.meta)
    const filter = { groups, page: 0 }
    await show(ctx, filter, () => accessWindow(ctx, filter))
  },
})

/** **Back** and **Next** under the rules. */
export const accessRulesPage = defineAction({
  id: 'access_rules_page',
  right,
  value: z.coerce.number().int().min(0).max(10_000),
  async run(page, ctx) {
    const filter = { ...filterIn(ctx), page }
    await show(ctx, filter, () => accessWindow(ctx, filter))
  },
})

/** **Groups**: back to where it came from. */
export const accessRulesBack = defineAction({
  id: 'access_rules_back',
  right,
  value: z.unknown(),
  async run(_, ctx) {
    const filter = filterIn(ctx)
    await show(ctx, filter, () => groupsWindow(ctx, filter.groups))
  },
})

/** **Add a rule**. */
export const accessRuleAdd = defineAction({
  id: 'access_rule_add',
  right,
  value: z.unknown(),
  async run(_, ctx) {
    const filter = filterIn(ctx)
    await show(ctx, filter, async () =>
      accessRuleForm(filter, ctx.services.access.resources, await groupOf(ctx, filter)),
    )
  },
})

/** **Remove** beside a rule. */
export const accessRuleRemove = defineAction({
  id: 'access_rule_remove',
  right,
  value: z.string().regex(/^[\w-]{1,40}$/),
  async run(id, ctx) {
    const { access, tasks } = ctx.services
    const filter = { ...filterIn(ctx), page: 0 }
    await show(ctx, filter, async () => {
      const deps = { store: tasks.store, clock: tasks.clock, access }
      const wasThere = await removeAccessRule(deps, ctx.actor, id)
      return await accessWindow(
        ctx,
        filter,
        wasThere ? 'The rule was removed.' : 'The rule was gone already.',
      )
    })
  },
})

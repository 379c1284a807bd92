import type { World } from '#src/sandbox/slack/world.ts'

/** How a client writes what was typed; Slack's clients differ here. */
export interface TypingOptions {
  /** Mentions as `<@U012>` instead of `<@U012|name>`. */
  readonly bareMentions?: boolean
  /** E-mail addresses as `<mailto:a@b.co|a@b.co>`. */
  readonly mailtoLinks?: boolean
  /** Phones turn `--` into a long dash. */
  readonly onPhone?: boolean
}

/** The text of a command as it reaches the app: with `should_escape` mentions and channels become ids. */
export function typed(
  world: World,
  line: string,
  shouldEscape: boolean,
  options: TypingOptions = {},
): string {
  const dashed = options.onPhone === true ? line.replaceAll('--', '—') : line
  if (!shouldEscape) return dashed
  const escaped = dashed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const mails =
    options.mailtoLinks === true
      ? escaped.replaceAll(/[\w.+-]+@[\w-]+\.[\w.-]+/gu, '<mailto:$&|$&>')
      : escaped
  return mails
    .replaceAll(/(?<![\w|:.+-])@([\w.-]*\w)([.-]*)/gu, (whole, name: string, tail: string) => {
      const found = mention(world, name, options)
      return found === undefined ? whole : `${found}${tail}`
    })
    .replaceAll(/(?<!\w)#([\w-]+)/gu, (whole, name: string) => channel(world, name) ?? whole)
}

function mention(world: World, name: string, options: TypingOptions): string | undefined {
  const group = [...world.groups.values()].find((each) => each.handle === name)
  if (group !== undefined) return `<!subteam^${group.id}|@${group.handle}>`
  if (name === 'here' || name === 'channel' || name === 'everyone') return `<!${name}>`
  const user = [...world.users.values()].find((each) => each.name === name)
  if (user === undefined) return undefined
  return options.bareMentions === true ? `<@${user.id}>` : `<@${user.id}|${user.name}>`
}

function channel(world: World, name: string): string | undefined {
  const found = [...world.channels.values()].find((each) => each.kind !== 'im' && each.name === name)
  if (found === undefined) return undefined
  return `<#${found.id}|${found.kind === 'private' ? '' : found.name}>`
}

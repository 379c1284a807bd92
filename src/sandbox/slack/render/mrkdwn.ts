import { formatDate } from '#src/sandbox/slack/render/dates.ts'
import type { World } from '#src/sandbox/slack/world.ts'

/** mrkdwn as people read it: mentions by name, dates in the reader's zone, links with their address, entities as characters. */
export function renderMrkdwn(world: World, line: string, tz = 'Etc/UTC'): string {
  return line
    .replaceAll(/<([^<>]+)>/gu, (whole, inner: string) => renderMarkup(world, inner, tz) ?? whole)
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

function renderMarkup(world: World, inner: string, tz: string): string | undefined {
  const [target = '', label] = inner.split('|')
  const sign = target.charAt(0)
  if (sign === '@') return `@${world.users.get(target.slice(1))?.name ?? target.slice(1)}`
  if (sign === '#') return `#${world.channels.get(target.slice(1))?.name ?? target.slice(1)}`
  if (sign === '!') return renderSpecial(world, target.slice(1), label, tz)
  if (!/^(?:https?|mailto|tel):/u.test(target)) return undefined
  return label === undefined || label === target ? target : `${label} (${target})`
}

function renderSpecial(world: World, name: string, label: string | undefined, tz: string): string {
  const [kind, first = '', second = ''] = name.split('^')
  if (kind === 'subteam') return `@${world.groups.get(first)?.handle ?? first}`
  if (kind === 'date') return formatDate(Number(first), second, tz, world.now()) ?? label ?? name
  return `@${name}`
}

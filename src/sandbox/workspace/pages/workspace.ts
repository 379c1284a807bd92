import type { Mailbox } from '#src/sandbox/mailbox/mailbox.ts'
import { mailboxHtml } from '#src/sandbox/mailbox/pages.ts'
import { avatar, type Html, html, nothing, type Slack } from '#src/sandbox/slack/index.ts'
import type { Desk } from '#src/sandbox/workspace/desk.ts'
import type { AppManifest } from '#src/sandbox/workspace/manifest.ts'
import { channelHtml, threadHtml } from '#src/sandbox/workspace/pages/messages.ts'
import { outsideHtml } from '#src/sandbox/workspace/pages/outside.ts'
import type { Outside } from '#src/sandbox/workspace/outside.ts'
import { channelOf, type PlaceName, readChannel } from '#src/sandbox/workspace/places.ts'

/** Somebody whom one can be. */
export interface CastMember {
  readonly id: string
  readonly name: string
  readonly realName: string
  /** The role in Drawbridge, and what it lets one do. */
  readonly role: string
  readonly may: string
}

/** What the page is drawn from. */
export interface WorkspaceDeps {
  readonly slack: Slack
  readonly manifest: AppManifest
  readonly cast: readonly CastMember[]
  /** The ids of the channels. */
  readonly channels: Readonly<Partial<Record<PlaceName, string>>>
  readonly outside: Outside
  readonly mailbox: Pick<Mailbox, 'mails' | 'onMail'>
  /** What local users open in a browser. */
  readonly links: { readonly signIn: string; readonly wiki: string }
}

/** What is looked at. */
export interface Looking {
  readonly member: CastMember
  readonly desk: Desk
  readonly place: PlaceName
  readonly thread: string | undefined
}

/** The page as one person sees it, with its title. */
export function workspacePage(
  deps: WorkspaceDeps,
  looking: Looking,
): { readonly title: string; readonly body: Html } {
  const { member, desk, place } = looking
  const unreadIn = (to: PlaceName) => {
    const channelId = channelOf(desk, to, deps.channels)
    return channelId === undefined ? 0 : readChannel(desk, channelId).unread
  }
  const unread = {
    security: unreadIn('security'),
    'local-users': unreadIn('local-users'),
    messages: unreadIn('messages'),
  }
  const all = Object.values(unread).reduce((sum, each) => sum + each)
  const title = `${all > 0 ? `(${all}) ` : ''}${placeTitles[place]} · ${member.realName} · Drawbridge sandbox`
  const window = desk.window()
  const body = html`<div
    class="page"
    id="page"
    data-as="${member.name}"
    data-at="${place}"
    data-title="${title}"
  >
    ${sidebar(deps, looking, unread)}
    <main class="main">
      <header class="bar">
        <h1>${placeTitles[place]}</h1>
        <p class="topic">${topics[place]}</p>
      </header>
      ${middle(deps, looking)}
    </main>
    ${side(deps, looking)}${
      window === undefined
        ? nothing
        : html`<dialog id="window" class="window" aria-labelledby="${window.id}/title">
            ${deps.slack.drawFor(member.id).modal(window)}
          </dialog>`
    }
  </div>`
  return { title, body }
}

const placeTitles: Readonly<Record<PlaceName, string>> = {
  security: '# security',
  'local-users': '# local-users',
  messages: 'Drawbridge',
  home: 'Drawbridge · Home',
  outside: 'Outside Slack',
  mailbox: 'Mailbox',
}

const topics: Readonly<Record<PlaceName, string>> = {
  security: 'Where requests are made, decided and followed',
  'local-users': 'What happens to local users',
  messages: 'What Drawbridge writes to you alone',
  home: 'What waits for you, and how the systems are',
  outside: 'The directories themselves, and the bot',
  mailbox: 'Every mail that Drawbridge sent here',
}

function sidebar(
  deps: WorkspaceDeps,
  { member, place }: Looking,
  unread: Readonly<Partial<Record<PlaceName, number>>>,
): Html {
  const link = (to: PlaceName, words: string) => {
    const count = unread[to] ?? 0
    return html`<a
      href="/as/${member.name}/${to}"
      id="to-${to}"
      class="${count > 0 ? 'unread' : ''}"
      ${to === place ? html` aria-current="page"` : nothing}
      >${words}${count > 0 ? html`<span class="mark">${count}<span class="unseen"> unread</span></span>` : nothing}</a
    >`
  }
  return html`<nav class="sidebar" aria-label="Workspace">
    <a class="brand" href="/">Corp Example<small>Drawbridge sandbox</small></a>
    <div class="you">
      ${avatar(member.realName)}
      <p><b>You are ${member.realName}</b><small>${member.role}: ${member.may}</small></p>
    </div>
    <div class="links">
      ${link('security', '# security')}${deps.channels['local-users'] === undefined ? nothing : link('local-users', '# local-users')}${link('messages', 'Drawbridge (direct)')}${link('home', 'Drawbridge · Home')}
    </div>
    <h2>Around Slack</h2>
    <div class="links">
      ${link('outside', 'Outside Slack')}${link('mailbox', `Mailbox (${deps.mailbox.mails().length})`)}${away(deps.links.signIn, 'Sign-in pages')}${away(deps.links.wiki, 'Wiki (needs a sign-in)')}
    </div>
    <h2>Be somebody else</h2>
    <div class="links people">
      ${deps.cast
        .filter(({ id }) => id !== member.id)
        .map(
          (other) =>
            html`<a href="/as/${other.name}/security" target="sandbox-${other.name}" id="be-${other.name}"
              >${avatar(other.realName)}<span>${other.realName}<small>${other.role}</small></span></a
            >`,
        )}
    </div>
    <button type="button" class="link" data-do="reload">Reload Slack (clears what only you see)</button>
  </nav>`
}

function away(url: string, words: string): Html {
  return html`<a href="${url}" target="_blank" rel="noopener noreferrer">${words} ↗</a>`
}

function middle(deps: WorkspaceDeps, looking: Looking): Html {
  const { desk, place, member } = looking
  switch (place) {
    case 'security':
    case 'local-users':
    case 'messages':
      return channelHtml(
        { ...deps, desk, path: `/as/${member.name}/${place}`, openThread: looking.thread },
        readChannel(desk, channelOf(desk, place, deps.channels) ?? ''),
        placeTitles[place],
      )
    case 'home': {
      const home = desk.person.home()
      return html`<div class="log" id="log" tabindex="0" role="region" aria-label="Home">
        ${home === undefined ? html`<p class="empty">Drawbridge is preparing this page …</p>` : deps.slack.drawFor(member.id).home(home.view())}
      </div>`
    }
    case 'outside':
      return outsideHtml(deps.outside)
    case 'mailbox':
      return mailboxHtml(deps.mailbox.mails(), deps.links)
  }
}

function side(deps: WorkspaceDeps, looking: Looking): Html {
  const { desk, place, thread, member } = looking
  const channelId = channelOf(desk, place, deps.channels)
  if (channelId === undefined || thread === undefined) return nothing
  const root = readChannel(desk, channelId).roots.find(({ message }) => message.ts === thread)
  if (root === undefined) return nothing
  const path = `/as/${member.name}/${place}`
  return threadHtml({ ...deps, desk, path, openThread: thread }, channelId, root, placeTitles[place])
}

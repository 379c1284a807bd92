import type { Json } from '#src/sandbox/json.ts'
import {
  ClientRefusal,
  type Modal,
  type Person,
  type Slack,
  type SlackMessage,
  type View,
} from '#src/sandbox/slack/index.ts'
import type { Doing } from '#src/sandbox/workspace/doing.ts'

/** What comes of something that a person did: a sentence for them, options that were found, or nothing to tell. */
export interface Outcome {
  readonly sentence?: string
  readonly options?: readonly Json[]
}

/** A file that came with it. */
export interface SentFile {
  readonly name: string
  readonly type: string
  readonly content: Buffer
}

/** One person at a browser: their hands and eyes in Slack, and what they have read. */
export interface Desk {
  readonly person: Person
  /** Does what the page says, by `slack.as(…)` alone. A refusal of Slack's client is a sentence. */
  readonly act: (doing: Doing, files: readonly SentFile[]) => Promise<Outcome>
  /** The time stamp up to which a place (a channel, or CHANNEL/TS for a thread) was read. */
  readonly readUntil: (place: string) => string
  /** The topmost open modal, with the sentences that the client itself put under its inputs. */
  readonly window: () => View | undefined
}

/** Gives a person a desk. */
export function deskOf(slack: Slack, userId: string): Desk {
  const person = slack.as(userId)
  const read = new Map<string, string>()
  // A menu knows what it offered only as long as one keeps the same handle on its modal.
  const handles = new Map<string, Modal>()
  const viewOf = (id: string): Modal => {
    const home = person.home()
    const open = [...person.modals(), ...(home === undefined ? [] : [home])]
    for (const known of handles.keys()) if (!open.some((each) => each.id === known)) handles.delete(known)
    const found = handles.get(id) ?? open.find((each) => each.id === id)
    if (found === undefined) throw new ClientRefusal('this window is closed already')
    handles.set(id, found)
    return found
  }
  const messageOf = ({
    channelId,
    ts,
  }: {
    readonly channelId: string
    readonly ts: string
  }): SlackMessage => {
    const found = person.sees(channelId).find((each) => each.ts === ts)
    if (found === undefined) throw new ClientRefusal('this message is no longer there')
    return found
  }
  // What the client found wrong stands until the form changes or is sent again.
  const refused = new Map<string, { readonly hash: string; readonly errors: View['errors'] }>()
  const deps: Deps = {
    ...{ person, viewOf, messageOf },
    setRead: (place, ts) => void read.set(place, ts),
    setErrors: ({ id, hash }, errors) => void refused.set(id, { hash, errors }),
  }
  return {
    person,
    window: () => {
      const view = person.modals().at(-1)?.view()
      if (view === undefined) return undefined
      const own = refused.get(view.id)
      return own?.hash === view.hash ? { ...view, errors: { ...view.errors, ...own.errors } } : view
    },
    readUntil: (place) => read.get(place) ?? '0',
    act: async (doing, files) => {
      try {
        return await perform(deps, doing, files)
      } catch (error) {
        if (error instanceof ClientRefusal)
          return { sentence: `Slack does not let you do that: ${error.message}.` }
        throw error
      }
    },
  }
}

interface Deps {
  readonly person: Person
  readonly viewOf: (id: string) => Modal
  readonly messageOf: (at: { readonly channelId: string; readonly ts: string }) => SlackMessage
  readonly setRead: (place: string, ts: string) => void
  readonly setErrors: (view: View, errors: View['errors']) => void
}

async function perform(deps: Deps, doing: Doing, files: readonly SentFile[]): Promise<Outcome> {
  const { person, viewOf, messageOf } = deps
  switch (doing.kind) {
    case 'write':
      return write(person, doing)
    case 'share': {
      const thread = doing.threadTs === undefined ? {} : { threadTs: doing.threadTs }
      for (const file of files) await person.share(doing.channelId, newFile(file), thread)
      return {}
    }
    case 'press': {
      const name = `${doing.block}/${doing.action}`
      const options = {
        ...(doing.option !== undefined && { option: doing.option }),
        ...(doing.value !== undefined && { value: doing.value }),
      }
      return told(
        'viewId' in doing.on
          ? await viewOf(doing.on.viewId).press(name, options)
          : await person.press(messageOf(doing.on), name, options),
      )
    }
    case 'fill': {
      const name = `${doing.block}/${doing.action}`
      const choice = doing.choice === '' ? null : doing.choice
      return told(
        'viewId' in doing.on
          ? await viewOf(doing.on.viewId).fill(name, choice)
          : await person.choose(messageOf(doing.on), name, choice),
      )
    }
    case 'enter':
      return told(await inView(deps, doing).enter(`${doing.block}/${doing.action}`))
    case 'suggest':
      return { options: await inView(deps, doing).suggest(`${doing.block}/${doing.action}`, doing.query) }
    case 'attach':
      await inView(deps, doing).attach(`${doing.block}/${doing.action}`, files.map(newFile))
      return {}
    case 'submit': {
      const modal = viewOf(doing.viewId)
      deps.setErrors(modal.view(), {})
      const done = await modal.submit()
      if (done.kind === 'refused') deps.setErrors(modal.view(), done.errors)
      return done.kind === 'trouble' ? told(done) : {}
    }
    case 'close':
      await viewOf(doing.viewId).close(doing.all ? 'all' : undefined)
      return {}
    case 'shortcut':
      return told(await person.shortcut(doing.id, doing.message && messageOf(doing.message)))
    case 'open_home':
      await person.openHome()
      return {}
    case 'reload':
      person.reload()
      return {}
    case 'read':
      deps.setRead(doing.place, doing.ts)
      return {}
  }
}

async function write(person: Person, doing: Extract<Doing, { kind: 'write' }>): Promise<Outcome> {
  const line = doing.text.trim()
  if (line === '') return {}
  if (!line.startsWith('/')) {
    await person.say(doing.channelId, line, doing.threadTs === undefined ? {} : { threadTs: doing.threadTs })
    return {}
  }
  if (doing.threadTs !== undefined)
    throw new ClientRefusal('commands do not work in threads, type it in the channel')
  // What goes wrong with a command is said in the channel by Slackbot.
  await person.command(doing.channelId, line)
  return {}
}

function inView(deps: Deps, { on }: { readonly on: Extract<Doing, { kind: 'fill' }>['on'] }): Modal {
  if ('viewId' in on) return deps.viewOf(on.viewId)
  throw new ClientRefusal('messages have no such field')
}

function newFile({ name, type, content }: SentFile) {
  return { name, content, ...(type !== '' && { mimetype: type }) }
}

function told(done: { readonly kind: string; readonly error?: string }): Outcome {
  if (done.kind !== 'trouble') return {}
  const why =
    done.error === 'dispatch_failed' ? 'Drawbridge is not connected' : 'Drawbridge did not answer in time'
  return { sentence: `We had some trouble connecting. ${why}. Try again?` }
}

import type { types } from '@slack/bolt'
import type { UserErrorCode } from '#src/errors.ts'
import type { Actor, Role } from '#src/people/actor.ts'

export type ModalView = types.ModalView
export type AnyBlock = types.KnownBlock

/** What the edge writes to; `src/log.ts` satisfies it. */
export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/**
 * One of these roles is needed; `anyone` asks for none (members of the workspace only, always). `judged_later`: nobody
 * is looked up, because what is submitted is only kept and a job judges the person live; the actor holds no role then.
 */
export type Right = Role | readonly Role[] | 'anyone' | 'judged_later'

/** Somebody was refused because of who they are, or because of whose account it is about; told so that it is recorded. */
export interface Refusal {
  readonly userId: string
  /** What was typed or pressed: the command, the button, the form. */
  readonly tried: string
  readonly code: UserErrorCode
  readonly taskId: string | undefined
}

/** Something only the person sees. `text` says all of it: screen readers read nothing else. */
export interface Answer {
  readonly text: string
  readonly blocks?: readonly AnyBlock[] | undefined
  /** Puts the answer in the place of the message whose button was pressed (works for ephemeral ones too). */
  readonly replaceOriginal?: boolean | undefined
  readonly deleteOriginal?: boolean | undefined
}

/** A view that is open on somebody's screen. */
export interface ViewHandle {
  readonly viewId: string
  /** Shows another state of it. `closed` when the person has closed it; throws `SlackCallError` when Slack did not take it. */
  update(view: ModalView): Promise<'shown' | 'closed'>
}

/**
 * What stands in a form, by block id: text and numbers as typed (undefined when empty), the value of a picked option,
 * an array of values for checkboxes and multi-selects (empty when none), the user, channel or conversation id, a date
 * as `YYYY-MM-DD`, a time as `HH:MM`, a date with time in epoch seconds, files and rich text as Slack sends them.
 */
export type FormValues = Readonly<Record<string, unknown>>

/** The form that was submitted or in which an element was used. */
export interface OpenForm extends ViewHandle {
  readonly callbackId: string
  readonly rootViewId: string | undefined
  readonly values: FormValues
  /** What `private_metadata` holds, parsed as JSON; untrusted. Undefined when empty. */
  readonly meta: unknown
}

/** What every listener is handed. */
export interface ListenerContext<S> {
  readonly actor: Actor
  readonly services: S
  readonly log: Log
  /** Aborts when Drawbridge stops or the listener's time is used up. */
  readonly signal: AbortSignal
}

/** What the listener of an event is handed: nobody is looked up, because it only has something written down. */
export type EventContext<S> = Omit<ListenerContext<S>, 'actor'>

/** What a slash command is handed. */
export interface CommandContext<S> extends ListenerContext<S> {
  readonly channelId: string
  /** Answers the person. When Slack does not take it, it is kept and arrives later: never throws. */
  respond(answer: Answer): Promise<void>
  /** Opens a form; only within Slack's three seconds and once. Throws a `UserError` that says what to do. */
  openView(view: ModalView): Promise<ViewHandle>
}

/** What a shortcut is handed. */
export interface ShortcutContext<S> extends ListenerContext<S> {
  /** The channel of the message, or where a global shortcut has none, the person's own id: answers go there. */
  readonly channelId: string
  readonly view: ViewHandle
}

/** A message whose menu a shortcut was picked from, as far as it is read. */
export interface ShortcutMessage {
  readonly text?: string | undefined
  readonly blocks?: unknown
  readonly attachments?: unknown
}

/** What a submitted modal is handed. */
export interface ModalContext<S> extends ListenerContext<S> {
  readonly form: OpenForm
}

/** What a pressed button or a changed element is handed. */
export interface ActionContext<S> extends ListenerContext<S> {
  /** The message that holds the element, undefined inside a form or the Home tab. */
  readonly message:
    | {
        readonly channelId: string
        readonly ts: string
        readonly threadTs: string | undefined
        readonly isEphemeral: boolean
      }
    | undefined
  /** The form that holds the element. */
  readonly form: OpenForm | undefined
  /** Answers the person: ephemeral beside a message, a small form on top of a form. Never throws. */
  respond(answer: Answer): Promise<void>
  /** Opens a form (pushes it when inside one); only within Slack's three seconds and once. Throws a `UserError`. */
  openView(view: ModalView): Promise<ViewHandle>
}

/** How a submission is answered. `afterwards` runs once Slack has the answer, with a handle on the form's view. */
export type SubmitAnswer =
  | { readonly kind: 'close'; readonly afterwards?: () => Promise<void> }
  | { readonly kind: 'clear'; readonly afterwards?: () => Promise<void> }
  | { readonly kind: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | {
      readonly kind: 'update'
      readonly view: ModalView
      readonly afterwards?: (view: ViewHandle) => Promise<void>
    }
  | { readonly kind: 'push'; readonly view: ModalView }

/** Who pressed or typed something, as Slack's payload says: not yet looked up. */
export interface Sender {
  readonly userId: string
  readonly teamId: string
  readonly enterpriseId: string | undefined
}

/** Looks a sender up, from a memory not older than `maxAgeMs`. Throws `UserError` for people who may never act here. */
export type FindActor = (sender: Sender, options: { maxAgeMs: number; signal: AbortSignal }) => Promise<Actor>

/** An answer that Slack did not take in time, for the durable outbox: try `responseUrl` until it ends, then a direct message. */
export interface LateAnswer {
  readonly userId: string
  readonly teamId: string
  readonly responseUrl: string | undefined
  /** Slack takes answers through it until then. */
  readonly responseUrlEndsAt: Date | undefined
  readonly answer: Answer
}

export type Later = (late: LateAnswer) => Promise<void>

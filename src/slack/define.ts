import type { z } from 'zod'
import type {
  ActionContext,
  CommandContext,
  EventContext,
  FormValues,
  ModalContext,
  ModalView,
  Right,
  ShortcutContext,
  ShortcutMessage,
  SubmitAnswer,
  ViewHandle,
} from '#src/slack/context.ts'
import type { SlashText } from '#src/slack/request.ts'

/** What the manifest and `help` say about a slash command. */
export interface CommandFacts {
  readonly name: `/${string}`
  /** One line in Slack's command list. */
  readonly description: string
  /** What to type after the name, e.g. `[person] [description]`. */
  readonly usageHint: string
  /** Answer to `/name help`, in mrkdwn; shown to everybody. */
  readonly help: string
  readonly right: Right
}

/** A slash command in the list, as the edge runs it. */
export interface CommandListener<S> extends CommandFacts {
  readonly kind: 'command'
  readonly loadingView: ((text: SlashText) => ModalView) | undefined
  run(text: SlashText, ctx: CommandContext<S>, view: ViewHandle | undefined): Promise<void>
}

/** What reading a submitted form came to: something to run, or sentences by block id. */
export type ReadForm<S> =
  | { readonly kind: 'ok'; submit(ctx: ModalContext<S>): Promise<SubmitAnswer> }
  | { readonly kind: 'issues'; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'stale'; readonly detail: string }

/** A modal in the list, as the edge runs it. */
export interface ModalListener<S> {
  readonly kind: 'modal'
  readonly id: string
  readonly right: Right
  read(form: { readonly values: FormValues; readonly meta: unknown }): ReadForm<S>
}

/** What reading a click's value came to. */
export type ReadClick<S> =
  | {
      readonly kind: 'ok'
      readonly loadingView: ModalView | undefined
      run(ctx: ActionContext<S>, view: ViewHandle | undefined): Promise<void>
    }
  | { readonly kind: 'stale'; readonly detail: string }

/** A button, menu or other element in the list, as the edge runs it. */
export interface ActionListener<S> {
  readonly kind: 'action'
  readonly id: string
  readonly right: Right
  read(value: unknown): ReadClick<S>
}

/** What the manifest says about a shortcut. */
export interface ShortcutFacts {
  /** Its `callback_id`. */
  readonly id: string
  /** In the menu of a message, or in Slack's list of all shortcuts. */
  readonly place: 'message' | 'global'
  /** At most 24 characters. */
  readonly name: string
  readonly description: string
  readonly right: Right
}

/** A shortcut in the list, as the edge runs it. It opens a form at once. */
export interface ShortcutListener<S> extends ShortcutFacts {
  readonly kind: 'shortcut'
  loadingView(): ModalView
  run(message: ShortcutMessage | undefined, ctx: ShortcutContext<S>): Promise<void>
}

/** Something that happened in Slack, which the manifest subscribes to, as the edge runs it. */
export interface EventListener<S> {
  readonly kind: 'event'
  /** Slack's name of it. */
  readonly name: string
  /** Undefined for an event that is not meant. */
  read(event: unknown): { readonly userId: string; run(ctx: EventContext<S>): Promise<void> } | undefined
}

export type Listener<S> =
  | CommandListener<S>
  | ModalListener<S>
  | ActionListener<S>
  | ShortcutListener<S>
  | EventListener<S>

/**
 * The makers of listeners, bound to the services that `app.ts` hands in. A maker holds nothing but types and parsing:
 * ack, actor, right and the answering of refusals are done by the edge for all of them.
 */
export function definitionsFor<S>() {
  return {
    /** A command that answers through `ctx.respond` (only the person sees it). */
    defineCommand: (
      definition: CommandFacts & { run(text: SlashText, ctx: CommandContext<S>): Promise<void> },
    ): CommandListener<S> => ({
      ...definition,
      kind: 'command',
      loadingView: undefined,
      run: (text, ctx) => definition.run(text, ctx),
    }),

    /**
     * A command that opens a form. `loadingView` is pure and is opened before anything slow, even before the right is
     * checked, so it says nothing that needs one; `run` then fills it through `ctx.view`.
     */
    defineFormCommand: (
      definition: CommandFacts & {
        loadingView(text: SlashText): ModalView
        run(text: SlashText, ctx: CommandContext<S> & { readonly view: ViewHandle }): Promise<void>
      },
    ): CommandListener<S> => ({
      ...definition,
      kind: 'command',
      loadingView: (text) => definition.loadingView(text),
      run: (text, ctx, view) => definition.run(text, { ...ctx, view: opened(view) }),
    }),

    /** A shortcut of Slack that opens a form, as `defineFormCommand` does; `message` is undefined for a global one. */
    defineShortcut: (definition: Omit<ShortcutListener<S>, 'kind'>): ShortcutListener<S> => ({
      ...definition,
      kind: 'shortcut',
    }),

    /**
     * A modal. `id` is its `callback_id`; the keys of `state` are the `block_id`s of its inputs (one element each);
     * `meta` is what `private_metadata` holds as JSON. `submit` runs before the ack and may only use the store.
     */
    defineModal: <State, Meta>(definition: {
      readonly id: string
      readonly right: Right
      readonly state: z.ZodType<State>
      readonly meta: z.ZodType<Meta>
      submit(state: State, meta: Meta, ctx: ModalContext<S>): Promise<SubmitAnswer>
    }): ModalListener<S> => ({
      kind: 'modal',
      id: definition.id,
      right: definition.right,
      read: (form) => {
        const meta = definition.meta.safeParse(form.meta)
        if (!meta.success) return { kind: 'stale', detail: meta.error.message }
        const state = definition.state.safeParse(form.values)
        if (!state.success) return { kind: 'issues', errors: sentencesByBlock(state.error) }
        return { kind: 'ok', submit: (ctx) => definition.submit(state.data, meta.data, ctx) }
      },
    }),

    /**
     * A button, overflow menu, select or other element. `id` is its `action_id`; `id:anything` reaches it too, for
     * several of a kind in one block. `value` parses the button's value or the picked option's value: an id only.
     */
    defineAction: <Value>(definition: {
      readonly id: string
      readonly right: Right
      readonly value: z.ZodType<Value>
      run(value: Value, ctx: ActionContext<S>): Promise<void>
    }): ActionListener<S> => ({
      kind: 'action',
      id: definition.id,
      right: definition.right,
      read: (raw) => {
        const value = definition.value.safeParse(raw)
        if (!value.success) return { kind: 'stale', detail: value.error.message }
        return { kind: 'ok', loadingView: undefined, run: (ctx) => definition.run(value.data, ctx) }
      },
    }),

    /** An event. `event` parses it; what does not parse is not meant. `run` writes something down and nothing else. */
    defineEvent: <Event>(definition: {
      readonly name: string
      readonly event: z.ZodType<Event>
      userId(event: Event): string
      run(event: Event, ctx: EventContext<S>): Promise<void>
    }): EventListener<S> => ({
      kind: 'event',
      name: definition.name,
      read: (raw) => {
        const event = definition.event.safeParse(raw)
        if (!event.success) return undefined
        return {
          userId: definition.userId(event.data),
          run: (ctx) => definition.run(event.data, ctx),
        }
      },
    }),

    /** An action that opens a form at once, as `defineFormCommand` does; from inside a form it is pushed on top. */
    defineFormAction: <Value>(definition: {
      readonly id: string
      readonly right: Right
      readonly value: z.ZodType<Value>
      loadingView(value: Value): ModalView
      run(value: Value, ctx: ActionContext<S> & { readonly view: ViewHandle }): Promise<void>
    }): ActionListener<S> => ({
      kind: 'action',
      id: definition.id,
      right: definition.right,
      read: (raw) => {
        const value = definition.value.safeParse(raw)
        if (!value.success) return { kind: 'stale', detail: value.error.message }
        return {
          kind: 'ok',
          loadingView: definition.loadingView(value.data),
          run: (ctx, view) => definition.run(value.data, { ...ctx, view: opened(view) }),
        }
      },
    }),
  }
}

function opened(view: ViewHandle | undefined): ViewHandle {
  if (view === undefined) throw new Error('a form listener was run without its form')
  return view
}

/** The first sentence of each field, keyed by block id. A rule about the whole form comes under the key ''. */
function sentencesByBlock(error: z.ZodError): Readonly<Record<string, string>> {
  const sentences: Record<string, string> = {}
  for (const issue of error.issues) {
    const block = String(issue.path[0] ?? '')
    sentences[block] ??= issue.message
  }
  return sentences
}

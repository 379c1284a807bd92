import { z } from 'zod'

const channelId = z.string()
const ts = z.string()
const at = { block: z.string(), action: z.string() }
const on = z.union([z.strictObject({ channelId, ts }), z.strictObject({ viewId: z.string() })])
const choice = z.union([z.string(), z.array(z.string()), z.null()])

/** What the page says that a person did, as JSON; files come beside it. */
export const Doing = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('write'), channelId, text: z.string(), threadTs: ts.optional() }),
  z.strictObject({ kind: z.literal('share'), channelId, threadTs: ts.optional() }),
  z.strictObject({
    kind: z.literal('press'),
    on,
    ...at,
    value: z.string().optional(),
    option: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('fill'), on, ...at, choice }),
  z.strictObject({ kind: z.literal('enter'), on, ...at }),
  z.strictObject({ kind: z.literal('suggest'), on, ...at, query: z.string() }),
  z.strictObject({ kind: z.literal('attach'), on, ...at }),
  z.strictObject({ kind: z.literal('submit'), viewId: z.string() }),
  z.strictObject({ kind: z.literal('close'), viewId: z.string(), all: z.boolean() }),
  z.strictObject({
    kind: z.literal('shortcut'),
    id: z.string(),
    message: z.strictObject({ channelId, ts }).optional(),
  }),
  z.strictObject({ kind: z.literal('open_home') }),
  z.strictObject({ kind: z.literal('reload') }),
  z.strictObject({ kind: z.literal('read'), place: z.string(), ts }),
])
export type Doing = z.infer<typeof Doing>

import type { Json } from '#src/sandbox/json.ts'
import type { Call, World } from '#src/sandbox/slack/world.ts'

/** Notes a call as it comes in; what is handed back notes its answer. */
export function noteCall(world: World, method: string, args: Json): (status: number, result: Json) => void {
  const index = world.calls.push({ method, args, at: world.now(), result: undefined, status: 0 }) - 1
  world.changes.tell()
  return (status, result) => {
    const call: Call | undefined = world.calls[index]
    if (call !== undefined) world.calls[index] = { ...call, status, result }
    world.changes.tell()
  }
}

/** Notes what the app did wrong where Slack would only shrug. */
export function complain(world: World, sentence: string): void {
  world.complaints.push(sentence)
  world.changes.tell()
}

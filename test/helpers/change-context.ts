import type { BeforeImage, ChangeContext } from '#src/iam/connector.ts'

/** A change context that keeps its steps in memory as JSON, the way the journal does, and can be used again for a Retry. */
export interface MemoryContext extends ChangeContext {
  /** The kept before-image; fails when there is none. */
  kept(): BeforeImage
  /** Called after a step was kept and before the connector goes on. */
  afterStep: () => Promise<void>
}

/** Makes one; `before` is what an Enable restores. */
export function memoryContext(
  before?: BeforeImage,
  signal = new AbortController().signal,
  wishes: { readonly endSessions?: boolean; readonly mayDeactivate?: boolean } = {},
): MemoryContext {
  const steps = new Map<string, string>()
  const parse = (text: string): unknown => JSON.parse(text)
  const context: MemoryContext = {
    signal,
    before,
    endSessions: wishes.endSessions ?? true,
    mayDeactivate: wishes.mayDeactivate ?? false,
    afterStep: async () => {},
    async step(name, work) {
      const kept = steps.get(name)
      if (kept !== undefined) return parse(kept)
      const text = JSON.stringify(await work())
      steps.set(name, text)
      await context.afterStep()
      return parse(text)
    },
    kept: () => {
      const text = steps.get('before')
      if (text === undefined) throw new Error('No before-image was kept')
      return JSON.parse(text)
    },
  }
  return context
}

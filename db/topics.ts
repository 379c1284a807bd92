/** What a commit can wake: background work, or lines to deliver. */
export type Topic = 'jobs' | 'outbox'

/** Who in this process wants to hear of commits. */
export interface Topics {
  readonly onCommit: (topic: Topic, listener: () => void) => () => void
  readonly announce: (touched: Iterable<Topic>) => void
}

/** No listeners yet. */
export function createTopics(): Topics {
  const listeners: { readonly [topic in Topic]: Set<() => void> } = { jobs: new Set(), outbox: new Set() }
  return {
    onCommit(topic, listener) {
      listeners[topic].add(listener)
      return () => void listeners[topic].delete(listener)
    },
    announce(touched) {
      for (const topic of touched) for (const listener of listeners[topic]) listener()
    },
  }
}

/** What one transaction wants done after its commit. */
export interface AfterCommit {
  readonly afterCommit: (callback: () => void) => void
  readonly touch: (topic: Topic) => void
  /** Does it, once. */
  readonly committed: () => void
}

/** A fresh one for each attempt of a transaction. */
export function createAfterCommit(topics: Topics): AfterCommit {
  const callbacks: (() => void)[] = []
  const touched = new Set<Topic>()
  return {
    afterCommit: (callback) => void callbacks.push(callback),
    touch: (topic) => void touched.add(topic),
    committed: () => {
      for (const callback of callbacks) callback()
      topics.announce(touched)
    },
  }
}

/** Something that happens to a connection, or beside a call, whoever the vendor is. */
export type ConnectionFault =
  /** Happens, but the answer comes late (or when the fault is lifted). */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Nothing happens and no answer comes; the connection stays open until the fault is lifted. */
  | { readonly kind: 'hang' }
  /** The connection is cut before anything happens. */
  | { readonly kind: 'cut' }
  /** It happens, and then the connection is cut: the caller can't know. */
  | { readonly kind: 'lose_answer' }
  /** It happens, but no answer comes; the connection stays open until the fault is lifted. */
  | { readonly kind: 'hang_after' }
  /** Something else happens at the vendor just before the call does, e.g. another administrator is faster. */
  | { readonly kind: 'meanwhile'; readonly happen: () => void }
  /** Something else happens at the vendor between the call and its answer. */
  | { readonly kind: 'afterwards'; readonly happen: () => void }

/** An answer that no vendor documents. Nothing happens. */
export type StrangeAnswer =
  /** An HTML page, e.g. of a proxy or of a wrong domain (200). */
  | { readonly kind: 'page'; readonly status: number }
  /** 200 and something that breaks off in the middle of its JSON. */
  | { readonly kind: 'garbage' }
  /** Well-formed JSON of any shape. */
  | { readonly kind: 'body'; readonly status: number; readonly body: unknown }
  /** Another address is named. */
  | { readonly kind: 'redirect'; readonly location: string }

/** One call to a stand-in of a vendor as it was made and answered. Secrets are taken out by whoever records it. */
export interface RecordedCall {
  readonly method: string
  /** As sent, percent-encoded, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  /** Lower-case names; of repeated headers the joined values. */
  readonly headers: Readonly<Record<string, string>>
  /** As sent; empty without body. */
  readonly requestBody: string
  /** Milliseconds since 1970. */
  readonly at: number
  /** The HTTP status; 0 when nothing was answered, undefined while the call runs. */
  readonly status: number | undefined
  /** What the server did, whether or not the answer went out: the status of a lost answer. */
  readonly happened: number | undefined
  /** Parsed JSON; undefined without body or when it is none. */
  readonly responseBody: unknown
  readonly responseHeaders: Readonly<Record<string, string>>
  /** True when a fault made the answer up: no vendor need ever have answered like that. */
  readonly isMadeUp?: boolean | undefined
}

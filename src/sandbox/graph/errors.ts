/** What Graph refuses with: its status and code decide, the message is for people. */
export class GraphRefusal extends Error {
  readonly status: number
  readonly code: string
  readonly headers: Readonly<Record<string, string>>
  /** The request itself is wrong: a careful caller never sends it. */
  readonly isCallersFault: boolean
  constructor(
    status: number,
    code: string,
    message: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly isCallersFault?: boolean } = {},
  ) {
    super(message)
    this.name = 'GraphRefusal'
    this.status = status
    this.code = code
    this.headers = options.headers ?? {}
    this.isCallersFault = options.isCallersFault ?? false
  }
}

/** A request that is malformed. */
export function badRequest(message: string): GraphRefusal {
  return new GraphRefusal(400, 'Request_BadRequest', message, { isCallersFault: true })
}

/** A query that this store can't answer, at least not without the advanced parameters. */
export function unsupportedQuery(message: string, isCallersFault = true): GraphRefusal {
  return new GraphRefusal(400, 'Request_UnsupportedQuery', message, { isCallersFault })
}

/** A change of somebody whom the on-premises directory masters. It has no code of its own, only this sentence. */
export function masteredOnPremises(): GraphRefusal {
  const message =
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.'
  return new GraphRefusal(400, 'Request_BadRequest', message)
}

/** A right is missing, or the target is out of reach. */
export function requestDenied(): GraphRefusal {
  return new GraphRefusal(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  )
}

/** No such object. */
export function notFound(id: string): GraphRefusal {
  const message = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`
  return new GraphRefusal(404, 'Request_ResourceNotFound', message)
}

/** A refusal of the token endpoint, in the form of RFC 6749 with Entra's number. */
export class AuthorityRefusal extends Error {
  readonly status: number
  readonly error: string
  readonly number: number
  readonly headers: Readonly<Record<string, string>>
  constructor(
    status: number,
    error: string,
    number: number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.name = 'AuthorityRefusal'
    this.status = status
    this.error = error
    this.number = number
    this.headers = headers
  }
}

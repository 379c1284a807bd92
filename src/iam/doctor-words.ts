import type { RightCheck, SystemKind } from '#src/iam/connector.ts'
import type { HealthTrouble, HealthWarning, SystemHealth } from '#src/iam/doctor.ts'

/** How one place writes: moments in its own way, and words from elsewhere so that they do no harm there. */
export interface Pen {
  readonly moment: (at: Date) => string
  readonly foreign: (text: string) => string
}

/** One system in words, the same on the command line and in Slack. */
export interface HealthWords {
  /** ● well, ◐ something is missing, ○ away. */
  readonly mark: '●' | '◐' | '○'
  readonly id: string
  readonly kind: string
  /** What is true, in a few words. */
  readonly summary: string
  /** Address, latency, clock, ends of certificate and password. */
  readonly connection: readonly string[]
  /** Whole sentences that say what to do, the worst first. */
  readonly toDo: readonly string[]
  /** What is granted, one right each. */
  readonly granted: readonly string[]
}

const kindWords: { readonly [kind in SystemKind]: string } = {
  entra: 'Microsoft Entra ID',
  'active-directory': 'Active Directory',
  okta: 'Okta',
  openldap: 'OpenLDAP',
  local: 'local users',
}

/** Puts one system's health into words. Pure. */
export function healthWords(health: SystemHealth, pen: Pen): HealthWords {
  const { system, trouble, rights } = health
  const of = (status: RightCheck['status']) => rights.filter((right) => right.status === status)
  const unshown = of('not_provable').map(
    (check) => `Not shown: ${named(check, pen)}. The first task that needs it will show it.`,
  )
  return {
    mark: health.state === 'away' ? '○' : health.state === 'well' ? '●' : '◐',
    id: pen.foreign(system.id),
    kind: kindWords[system.kind],
    summary: summaryOf(health),
    connection: connectionWords(health, pen),
    toDo: [
      ...(trouble === undefined ? [] : [troubleWords(trouble, pen)]),
      ...of('missing').map((check) => missingWords(check, pen)),
      ...health.warnings.map((warning) => warningWords(warning, pen)),
      ...unshown,
    ],
    granted: of('granted').map((check) => named(check, pen)),
  }
}

function summaryOf({ state, rights }: SystemHealth): string {
  const missing = rights.filter((right) => right.status === 'missing').length
  switch (state) {
    case 'well':
      return rights.every((right) => right.status === 'granted')
        ? 'all rights granted'
        : 'nothing known to be missing'
    case 'missing':
      return missing === 1 ? '1 right missing' : `${missing} rights missing`
    case 'refused':
      return 'answers, but can not be used'
    case 'away':
      return 'could not be asked'
  }
}

function connectionWords({ connection }: SystemHealth, pen: Pen): readonly string[] {
  if (connection === undefined) return []
  const { address, latencyMs, clockSkewMs, certificateEndsAt, credentialEndsAt } = connection
  return [
    pen.foreign(address),
    `answered in ${Math.max(1, Math.round(latencyMs))} ms`,
    ...(clockSkewMs === undefined ? [] : [clockWords(clockSkewMs)]),
    ...(certificateEndsAt === undefined ? [] : [`certificate until ${pen.moment(certificateEndsAt)}`]),
    ...(credentialEndsAt === undefined ? [] : [`our sign-in until ${pen.moment(credentialEndsAt)}`]),
  ]
}

/** Directories tell whole seconds, so less than two of them is nothing. */
function clockWords(skewMs: number): string {
  const seconds = Math.round(Math.abs(skewMs) / 1_000)
  if (seconds < 2) return 'clocks agree'
  const length = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
  return `its clock is ${length} ${skewMs > 0 ? 'ahead of' : 'behind'} ours`
}

function named({ right, where }: RightCheck, pen: Pen): string {
  return pen.foreign(where === undefined ? right : `${right} (${where})`)
}

function missingWords(check: RightCheck, pen: Pen): string {
  const who = check.grantedBy ?? 'whoever administers it'
  return `Missing: ${named(check, pen)}. ${start(pen.foreign(who))} can grant it.`
}

function warningWords(warning: HealthWarning, pen: Pen): string {
  switch (warning.kind) {
    case 'certificate_ends':
      return `The server's certificate ends ${pen.moment(warning.endsAt)}; after that nothing works there. Renew it before.`
    case 'credential_ends':
      return `Drawbridge's own password, secret or account there ends ${pen.moment(warning.endsAt)}. Renew it before, and put the new one into the configuration.`
    case 'clock_differs':
      return `${start(clockWords(warning.byMs))}. Signed requests and lock times go wrong with that; set the clocks by a time server.`
  }
}

function troubleWords({ code, facts }: HealthTrouble, pen: Pen): string {
  const seen = [facts.detail?.replaceAll('_', ' '), facts.vendorCode].filter((one) => one !== undefined)
  const why = seen.length === 0 ? '' : ` (${pen.foreign(seen.join(', '))})`
  switch (code) {
    case 'unavailable':
      return `It can't be reached${why}. Look at the address, the network and the server.`
    case 'timed_out':
      return `It gave no answer in time${why}. Look at the network and the server's load.`
    case 'rate_limited':
      return `It asked for a pause${facts.retryAt === undefined ? '' : ` until ${pen.moment(new Date(facts.retryAt))}`}. Look again then.`
    case 'unknown_outcome':
      return `The connection broke${why}. Look again.`
    case 'bad_credentials':
      return `It refuses Drawbridge's own sign-in${why}. Correct the account or its password there, or in the configuration.`
    case 'not_permitted': {
      const right = facts.permission === undefined ? '' : `: ${pen.foreign(facts.permission)}`
      const where = facts.where === undefined ? '' : ` ${pen.foreign(facts.where)}`
      return `It does not let Drawbridge look${right}${where}${why}. ${start(pen.foreign(facts.grantedBy ?? 'whoever administers it'))} can grant that.`
    }
    case 'misconfigured':
      return `The connection is not set up right${why}. Its page in docs/connectors says what each of these words means and what cures it.`
    case 'bad_response':
    case 'refused_by_vendor':
    case 'not_found':
    case 'not_supported':
      return `It answers, but not as expected${why}. Look whether the address is the right one; the log has the details.`
  }
}

function start(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

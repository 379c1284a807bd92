import type { ConnectionReport } from '#src/iam/connector.ts'
import type { SystemHealth } from '#src/iam/doctor.ts'
import type { ModalView } from '#src/slack/context.ts'
import { bindingsView, lookingAtBindings } from '#src/slack/messages/binding-list.ts'
import { lookingAtSystems, systemsView } from '#src/slack/messages/iam-systems.ts'
import { hostile, minutesAgo, now } from '#test/helpers/gallery/facts.ts'

const day = 24 * 60

function connection(address: string, more: Partial<ConnectionReport> = {}): ConnectionReport {
  return {
    address,
    latencyMs: 12,
    clockSkewMs: 300,
    certificateEndsAt: minutesAgo(-200 * day),
    credentialEndsAt: undefined,
    ...more,
  }
}

const granted = (right: string) => ({ right, status: 'granted', grantedBy: undefined }) as const

const well: SystemHealth = {
  system: { id: 'corp-ad', kind: 'active-directory' },
  state: 'well',
  connection: connection('ldaps://dc1.corp.example'),
  rights: [
    granted('read people below DC=corp,DC=example'),
    granted('write userAccountControl on OU=Staff,DC=corp,DC=example'),
    granted('write pwdLastSet on OU=Staff,DC=corp,DC=example'),
  ],
  trouble: undefined,
  warnings: [],
}

const missing: SystemHealth = {
  ...well,
  system: { id: 'unix-ldap', kind: 'openldap' },
  state: 'missing',
  connection: connection('ldap://ldap1.corp.example', {
    clockSkewMs: -400_000,
    credentialEndsAt: minutesAgo(-5 * day),
  }),
  rights: [
    granted('read people below ou=people,dc=corp,dc=example'),
    {
      right: 'write pwdReset below ou=people,dc=corp,dc=example',
      status: 'missing',
      grantedBy: "the directory's administrator (cn=config)",
    },
    {
      right: 'read pwdFailureTime below ou=people,dc=corp,dc=example',
      status: 'not_provable',
      grantedBy: undefined,
    },
  ],
  warnings: [
    { kind: 'credential_ends', endsAt: minutesAgo(-5 * day) },
    { kind: 'clock_differs', byMs: -400_000 },
  ],
}

const away: SystemHealth = {
  ...well,
  system: { id: 'partner-ad', kind: 'active-directory' },
  state: 'away',
  connection: undefined,
  rights: [],
  trouble: { code: 'unavailable', facts: { detail: 'connection_refused', vendorCode: 'ECONNREFUSED' } },
}

const refused: SystemHealth = {
  ...away,
  system: { id: hostile.slice(0, 60), kind: 'okta' },
  state: 'refused',
  trouble: { code: 'not_permitted', facts: { permission: hostile, where: hostile, grantedBy: hostile } },
}

const linked = {
  kind: 'linked',
  slackUserId: 'U0ANA',
  isApprover: true,
  requestId: 'r1',
  email: 'ana@corp.example',
  confirmedAt: minutesAgo(3 * day),
  confirmedBy: 'U0OLGA',
  problem: undefined,
} as const
const links = [
  {
    kind: 'asked',
    slackUserId: 'U0PAUL',
    isApprover: true,
    requestId: 'r2',
    email: hostile.slice(0, 200),
    askedAt: minutesAgo(4),
  },
  { kind: 'none', slackUserId: 'U0ABEL', isApprover: true },
  { ...linked, requestId: 'r3', problem: 'disabled' },
  { ...linked, requestId: 'r4', problem: 'no_app' },
  { ...linked, requestId: 'r5', isApprover: false },
  linked,
] as const

/** The windows of `/iam-systems`. */
export const systemForms: Readonly<Record<string, ModalView>> = {
  'iam systems looking': lookingAtSystems(),
  'iam systems': systemsView([well, missing, away, refused], now),
  'iam systems well': systemsView([well], now),
  'iam systems none': systemsView([], now, true),
  'linked approvers looking': lookingAtBindings(),
  'linked approvers': bindingsView({ links, isAsked: true, page: 0, said: 'The link was taken away.' }),
  'linked approvers none': bindingsView({ links: [], isAsked: false, page: 0 }),
  'linked approvers many': bindingsView({
    links: Array.from({ length: 70 }, (_, index) => ({ ...linked, requestId: `r${index}` })),
    isAsked: true,
    page: 1,
  }),
  'iam systems many': systemsView(
    Array.from({ length: 60 }, (_, index) => ({
      ...missing,
      system: { id: `ldap-${index}`, kind: 'openldap' },
    })),
    now,
  ),
}

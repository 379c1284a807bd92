import type { z } from 'zod'
import { Access, checkAccess } from '#src/config/access.ts'
import { checkAcross, type Draft } from '#src/config/checks.ts'
import { type Part, readPart, recordOf } from '#src/config/lenient.ts'
import { type RawMistake, unknownKey } from '#src/config/mistakes.ts'
import { Approval, ProtectedAccounts, Roles } from '#src/config/people.ts'
import { checkOpenId, OpenId } from '#src/config/openid.ts'
import { notKept } from '#src/config/promises.ts'
import { Audit, Database, Enforcement, Mail, Operations, Retention, Web } from '#src/config/running.ts'
import { readSlack, type SlackConfig } from '#src/config/slack.ts'
import { type IamSystemConfig, type ReadSystems, readSystems } from '#src/config/systems.ts'

/** The sections with one schema each; `slack` and `iam_systems` are read by their mode and kind. */
export const sections = {
  database: Database,
  web: Web,
  operations: Operations,
  mail: Mail,
  access: Access,
  openid: OpenId,
  roles: Roles,
  approval: Approval,
  protected_accounts: ProtectedAccounts,
  enforcement: Enforcement,
  retention: Retention,
  audit: Audit,
} as const

const sectionNames = ['slack', 'iam_systems', ...Object.keys(sections)]

type Output<Name extends keyof typeof sections> = z.output<(typeof sections)[Name]>

/** What the file says: durations in milliseconds, secrets wrapped, defaults filled in. */
export interface FileConfig {
  readonly slack: SlackConfig
  readonly database: Output<'database'>
  readonly operations: Output<'operations'>
  readonly web: Output<'web'> | undefined
  readonly mail: Output<'mail'> | undefined
  /** Protected hosts, and who may reach them and the OpenID clients whatever Slack says. */
  readonly access: Output<'access'>
  /** Services that sign people in through us. */
  readonly openid: Output<'openid'>
  readonly iamSystems: readonly IamSystemConfig[]
  /** Slack user ids (U…, W…) and user group ids (S…) per role. */
  readonly roles: Output<'roles'>
  readonly approval: Omit<Output<'approval'>, 'escalate_to'>
  /** Slack ids that are told when nobody decided for a while. */
  readonly escalateTo: readonly string[]
  readonly protection: Output<'protected_accounts'>
  readonly enforcement: Output<'enforcement'>
  readonly retention: Output<'retention'>
}

/** Reads all sections and checks them against each other. Pure but for looking whether named files are there. */
export function readSections(data: unknown): Part<FileConfig> {
  const keys = recordOf(data)
  const noKeys = 'Keys with values belong here, beginning with slack:.'
  if (keys === undefined) return { value: undefined, mistakes: [{ path: [], sentence: noKeys }] }
  const parts = readEach(keys)
  const webIsThere = (keys['web'] ?? undefined) !== undefined
  const mistakes = [
    ...unknownSections(keys),
    ...Object.values(parts).flatMap((part) => part.mistakes),
    ...checkAcross(draftOf(parts, keys)),
    ...checkAccess({
      access: parts.access.value,
      publicUrl: parts.web.value?.publicUrl,
      webIsThere,
      clientIds: parts.openid.value?.clients.map(({ id }) => id),
    }),
    ...checkOpenId(parts.openid.value, webIsThere),
    ...notKept({ auditKeyGiven: recordOf(keys['audit'])?.['key'] !== undefined }),
  ]
  return { value: assemble(parts), mistakes }
}

function unknownSections(keys: object): readonly RawMistake[] {
  const unknown = Object.keys(keys).filter((key) => !sectionNames.includes(key))
  return unknown.map((key) => ({ path: [key], sentence: unknownKey(key, sectionNames) }))
}

interface Parts {
  readonly slack: Part<SlackConfig>
  readonly systems: ReadSystems
  readonly database: Part<Output<'database'>>
  readonly operations: Part<Output<'operations'>>
  readonly web: Part<Output<'web'> | undefined>
  readonly mail: Part<Output<'mail'> | undefined>
  readonly access: Part<Output<'access'>>
  readonly openid: Part<Output<'openid'>>
  readonly roles: Part<Output<'roles'>>
  readonly approval: Part<Output<'approval'>>
  readonly protection: Part<Output<'protected_accounts'>>
  readonly enforcement: Part<Output<'enforcement'>>
  readonly retention: Part<Output<'retention'>>
  readonly audit: Part<Output<'audit'>>
}

function readEach(keys: Readonly<Record<string, unknown>>): Parts {
  // A section without anything in it is the same as none.
  const read = <T>(name: string, schema: z.ZodType<T>) => readPart(schema, keys[name] ?? {}, [name])
  const optional = <T>(name: string, schema: z.ZodType<T>): Part<T | undefined> =>
    (keys[name] ?? undefined) === undefined ? { value: undefined, mistakes: [] } : read(name, schema)
  return {
    slack: readSlack(keys['slack']),
    database: read('database', Database),
    web: optional('web', Web),
    operations: read('operations', Operations),
    mail: optional('mail', Mail),
    access: read('access', Access),
    openid: read('openid', OpenId),
    systems: readSystems(keys['iam_systems']),
    roles: read('roles', Roles),
    approval: read('approval', Approval),
    protection: read('protected_accounts', ProtectedAccounts),
    enforcement: read('enforcement', Enforcement),
    retention: read('retention', Retention),
    audit: read('audit', Audit),
  }
}

function draftOf(parts: Parts, keys: Readonly<Record<string, unknown>>): Draft {
  // A count of approvers means nothing while one of their ids is wrong.
  const isSure = !parts.roles.mistakes.some(({ path }) => path[1] === 'approver' || path[1] === 'responder')
  const { operations, web } = parts
  const slack = recordOf(keys['slack'])
  const slackPort = slack?.['mode'] === 'http' ? Number(slack['port'] ?? 3000) : 0
  return {
    roles: isSure ? parts.roles.value : undefined,
    approval: parts.approval.value,
    protection: parts.protection.value,
    enforcement: parts.enforcement.value,
    systems: parts.systems.entries,
    hasSignIn: (keys['web'] ?? undefined) !== undefined && (keys['mail'] ?? undefined) !== undefined,
    ports: [
      [['slack', 'port'], slackPort],
      [['web', 'port'], web.value?.port ?? 0],
      [['operations', 'port'], operations.value?.port ?? 0],
    ],
  }
}

/** Undefined when a section is missing; with mistakes elsewhere the result is not used. */
function assemble(parts: Parts): FileConfig | undefined {
  const { slack, database, operations, access, openid, roles, approval, protection, enforcement, retention } =
    parts
  if (slack.value === undefined || database.value === undefined || operations.value === undefined)
    return undefined
  if (roles.value === undefined || approval.value === undefined || protection.value === undefined)
    return undefined
  if (enforcement.value === undefined || retention.value === undefined) return undefined
  if (access.value === undefined || openid.value === undefined) return undefined
  const { escalate_to: escalateTo, ...rules } = approval.value
  return {
    slack: slack.value,
    database: database.value,
    operations: operations.value,
    web: parts.web.value,
    mail: parts.mail.value,
    access: access.value,
    openid: openid.value,
    iamSystems: parts.systems.value,
    roles: roles.value,
    approval: rules,
    escalateTo,
    protection: protection.value,
    enforcement: enforcement.value,
    retention: retention.value,
  }
}

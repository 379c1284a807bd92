import type { z } from 'zod'
import { EntraSettings } from '#src/config/entra.ts'
import { readPart, recordOf } from '#src/config/lenient.ts'
import type { RawMistake } from '#src/config/mistakes.ts'
import { OktaSettings } from '#src/config/okta.ts'
import { ActiveDirectorySettings } from '#src/iam/active-directory/settings.ts'
import { OpenLdapSettings } from '#src/iam/openldap/settings.ts'

/** The schema of an `iam_systems` entry per kind: one line each. */
export const systemKinds = {
  'active-directory': ActiveDirectorySettings,
  openldap: OpenLdapSettings,
  entra: EntraSettings,
  okta: OktaSettings,
} as const

type ConfigurableKind = keyof typeof systemKinds

/** The settings of one configured IAM system. */
export type IamSystemConfig = z.output<(typeof systemKinds)[ConfigurableKind]>

/** The `iam_systems` list as far as it could be read. */
export interface ReadSystems {
  readonly value: readonly IamSystemConfig[]
  /** The entries as written, in their order. */
  readonly entries: readonly Readonly<Record<string, unknown>>[]
  readonly mistakes: readonly RawMistake[]
}

/** Reads the `iam_systems` list, each entry by its kind. */
export function readSystems(raw: unknown): ReadSystems {
  if (raw === undefined || raw === null) return { value: [], entries: [], mistakes: [] }
  if (!Array.isArray(raw)) {
    const sentence = 'A list belongs here: each system begins with a dash, like - id: corp-ad.'
    return { value: [], entries: [], mistakes: [{ path: ['iam_systems'], sentence }] }
  }
  const read = raw.map((one: unknown, i) => readSystem(one, i))
  return {
    value: read.flatMap(({ value }) => value ?? []),
    entries: raw.map((one: unknown) => recordOf(one) ?? {}),
    mistakes: read.flatMap(({ mistakes }) => mistakes),
  }
}

function readSystem(raw: unknown, i: number) {
  const base = ['iam_systems', i]
  const kind = recordOf(raw)?.['kind']
  if (isConfigurableKind(kind)) return readPart<IamSystemConfig>(systemKinds[kind], raw, base)
  const kinds = Object.keys(systemKinds).join(', ')
  const mistake =
    recordOf(raw) === undefined
      ? { path: base, sentence: 'Keys with values belong here, like id: corp-ad.' }
      : { path: [...base, 'kind'], sentence: `One of ${kinds} belongs here.` }
  return { value: undefined, mistakes: [mistake] }
}

function isConfigurableKind(kind: unknown): kind is ConfigurableKind {
  return typeof kind === 'string' && Object.hasOwn(systemKinds, kind)
}

/** Built-in directory roles with their template ids, which are the same in every tenant. */
export const directoryRoles = {
  'Global Administrator': '62e90394-69f5-4237-9190-012177145e10',
  'Privileged Authentication Administrator': '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  'Privileged Role Administrator': 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  'User Administrator': 'fe930be7-5e62-47db-91af-98c3a49a38b1',
  'Authentication Administrator': 'c4e39bd9-1100-46d3-8c65-fb160da0071f',
  'Helpdesk Administrator': '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  'Password Administrator': '966707d0-3269-4727-9be2-8c3a10f19b9d',
  'Groups Administrator': 'fdd7a751-b60b-444a-984c-02652fe8fa1c',
  'Security Administrator': '194ae4cb-b126-40b2-bd5b-6091b380977d',
  'Exchange Administrator': '29232cdf-9323-42fd-ade2-1d097af3e4de',
  'Message Center Reader': '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b',
  'Reports Reader': '4a5d8f65-41da-4de4-8968-e035b65339cf',
  'Usage Summary Reports Reader': '75934031-6c7e-415a-99d7-48dbd49e875e',
  'User Experience Success Manager': '27460883-1df1-4691-b032-3b79643e5e63',
  'Directory Readers': '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  'Guest Inviter': '95e79109-95c0-4d8e-aee3-d01accf2d47b',
  'Directory Synchronization Accounts': 'd29b2b05-8046-44ba-8758-1e26182fcf32',
} as const
export type RoleName = keyof typeof directoryRoles

/** All names. */
export const roleNames = Object.keys(directoryRoles).filter(
  (name): name is RoleName => name in directoryRoles,
)

/** The role with this template id; undefined for a custom one. */
export function roleOfTemplate(templateId: string): RoleName | undefined {
  return roleNames.find((name) => directoryRoles[name] === templateId)
}

/** What an actor's role allows about a target: password resets, and sensitive actions (`accountEnabled` among them). */
export type Power = 'reset' | 'sensitive'

type Row = Readonly<Partial<Record<RoleName, readonly Power[]>>>
const both: readonly Power[] = ['reset', 'sensitive']
const reset: readonly Power[] = ['reset']
const always: Row = { 'Privileged Authentication Administrator': both, 'Global Administrator': both }
const readers: Row = {
  ...always,
  'Helpdesk Administrator': reset,
  'Authentication Administrator': both,
  'User Administrator': both,
}
const ordinary: Row = { ...readers, 'Password Administrator': reset }

// "Privileged roles and permissions in Microsoft Entra ID": who may reset passwords, who may perform sensitive actions.
const targets: Readonly<Partial<Record<RoleName, Row>>> = {
  'Directory Readers': ordinary,
  'Guest Inviter': ordinary,
  'Password Administrator': ordinary,
  'Message Center Reader': readers,
  'Reports Reader': readers,
  'Usage Summary Reports Reader': readers,
  'User Experience Success Manager': readers,
  'Helpdesk Administrator': { ...always, 'Helpdesk Administrator': reset, 'User Administrator': both },
  'Authentication Administrator': { ...always, 'Authentication Administrator': both },
  'Groups Administrator': { ...always, 'User Administrator': both },
  'User Administrator': { ...always, 'User Administrator': both },
}

/** What the target of an action holds. */
export interface Target {
  /** Template ids, custom ones too. */
  readonly roles: readonly string[]
  /** Member or owner of a role-assignable group, or a role scoped to a restricted unit. */
  readonly isGuarded: boolean
}

/** Whether an app with these roles (template ids at tenant scope) may do that to the target. */
export function mayActOn(actor: readonly string[], target: Target, power: Power): boolean {
  const rows = target.roles.map((id) => rowOf(id))
  if (target.isGuarded) rows.push(always)
  const mine = actor.map(roleOfTemplate).filter((name) => name !== undefined)
  return (rows.length === 0 ? [ordinary] : rows).every((row) =>
    mine.some((name) => row[name]?.includes(power) ?? false),
  )
}

/** Whether somebody is ordinary enough for the permission alone: no role but those that say nothing. */
export function isOrdinary(target: Target): boolean {
  return !target.isGuarded && target.roles.every((id) => rowOf(id) === ordinary && !isPasswordAdmin(id))
}

function isPasswordAdmin(id: string): boolean {
  return id === directoryRoles['Password Administrator']
}

function rowOf(templateId: string): Row {
  const name = roleOfTemplate(templateId)
  return (name === undefined ? undefined : targets[name]) ?? always
}

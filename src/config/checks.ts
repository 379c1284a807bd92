import { accessSync, constants } from 'node:fs'
import type { RawMistake } from '#src/config/mistakes.ts'
import type { Approval, ProtectedAccounts, Roles } from '#src/config/people.ts'

/** What the checks across sections look at; each part is there as far as it could be read. */
export interface Draft {
  readonly roles: Roles | undefined
  readonly approval: Approval | undefined
  readonly protection: ProtectedAccounts | undefined
  readonly enforcement: { readonly callTimeoutMs: number; readonly taskTimeoutMs: number } | undefined
  /** The entries of `iam_systems` as written. */
  readonly systems: readonly Readonly<Record<string, unknown>>[]
  /** Whether there are local users who sign in: `web` and `mail`. */
  readonly hasSignIn: boolean
  /** Ports that will be listened on, by path. */
  readonly ports: readonly (readonly [path: readonly string[], port: number])[]
}

/** All that is wrong between the sections. Reads nothing but the presence of the files that are named. */
export function checkAcross(draft: Draft): readonly RawMistake[] {
  return [
    ...checkSystems(draft.systems),
    ...checkApprovers(draft),
    ...checkStepUp(draft),
    ...checkProtectedGroups(draft),
    ...checkPorts(draft.ports),
    ...checkTimes(draft),
  ]
}

function checkSystems(systems: Draft['systems']): readonly RawMistake[] {
  const ids = systems.map(({ id }) => (typeof id === 'string' ? id.toLowerCase() : undefined))
  return systems.flatMap((system, i) => {
    const at = (key: string, sentence: string): RawMistake => ({ path: ['iam_systems', i, key], sentence })
    const id = ids[i]
    const mistakes: RawMistake[] = []
    if (id === 'local')
      mistakes.push(at('id', 'local is the id of the local users, who are always there. Take another id.'))
    else if (id !== undefined && !/^[a-z0-9][a-z0-9._-]{0,39}$/.test(id))
      mistakes.push(at('id', 'Give up to 40 letters, digits, dots, dashes and underscores, like corp-ad.'))
    if (id !== undefined && ids.indexOf(id) < i)
      mistakes.push(at('id', `Another system has the id ${id} already. Each needs its own.`))
    const source = system['synchronized_from']
    if (
      typeof source === 'string' &&
      !systems.some((one) => one['id'] === source && one['kind'] === 'active-directory')
    )
      mistakes.push(
        at(
          'synchronized_from',
          `No system of kind active-directory has the id ${source}. Add it, or take this out.`,
        ),
      )
    return [
      ...mistakes,
      ...filesOf(system).flatMap(([key, path]) => unreadable(path).map((one) => at(key, one))),
    ]
  })
}

function filesOf(system: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(system).flatMap(([key, value]) =>
    key.endsWith('_file') && typeof value === 'string' && value !== '' ? [[key, value] as const] : [],
  )
}

function unreadable(path: string): readonly string[] {
  try {
    accessSync(path, constants.R_OK)
    return []
  } catch {
    return [`The file ${path} cannot be read. Create it, or mend the path.`]
  }
}

const isPerson = (id: string): boolean => !id.startsWith('S')

/** How many approvers there can be at most for one task, or infinitely many where groups are listed. */
function mostApprovers({ approver, responder }: Roles): number {
  if (!approver.every(isPerson)) return Infinity
  const people = new Set(approver)
  if (responder.length === 0 || !responder.every(isPerson)) return people.size
  // Nobody decides on a request of their own.
  return Math.max(...responder.map((one) => people.size - (people.has(one) ? 1 : 0)))
}

function checkApprovers({ roles, approval, protection }: Draft): readonly RawMistake[] {
  if (roles === undefined) return []
  const most = mostApprovers(roles)
  const who = `roles.approver has ${most === 0 ? 'nobody' : `only ${most}`} who may decide (nobody decides on a request of their own)`
  const { escalate_to: _, ...rules } = approval ?? { escalate_to: [] }
  const tooMany = Object.entries(rules).flatMap(([action, { approvers }]): readonly RawMistake[] => {
    if (approvers <= most) return []
    const sentence = `This asks for ${approvers} to approve, but ${who}. List more approvers or a user group.`
    return [{ path: ['approval', action, 'approvers'], sentence }]
  })
  const needsTwo =
    (protection?.twoApprovers.length ?? 0) > 0
      ? 'two_approvers'
      : protection?.detected === 'two_approvers'
        ? 'detected'
        : undefined
  if (needsTwo === undefined || most >= 2) return tooMany
  const sentence = `This asks for two to approve, but ${who}. List more approvers or a user group.`
  return [...tooMany, { path: ['protected_accounts', needsTwo], sentence }]
}

function checkStepUp({ approval, hasSignIn }: Draft): readonly RawMistake[] {
  const { escalate_to: _, ...rules } = approval ?? { escalate_to: [] }
  return Object.entries(rules).flatMap(([action, { stepUp }]): readonly RawMistake[] => {
    if (!stepUp || hasSignIn) return []
    const sentence =
      'Approvers show the codes of their local users, who need web: and mail:. Add both, or leave step_up out.'
    return [{ path: ['approval', action, 'step_up'], sentence }]
  })
}

function checkProtectedGroups({ protection, systems }: Draft): readonly RawMistake[] {
  const lists = [
    ['deny', protection?.deny ?? []] as const,
    ['two_approvers', protection?.twoApprovers ?? []] as const,
  ]
  return lists.flatMap(([list, entries]) =>
    entries.flatMap((entry, i): readonly RawMistake[] => {
      const system = /^group:([^:]+):/.exec(entry)?.[1]
      if (system === undefined || system === 'local' || systems.some(({ id }) => id === system)) return []
      const path = ['protected_accounts', list, i]
      return [
        {
          path,
          sentence: `No system in iam_systems has the id ${system}. Write group:SYSTEM:ID with one that is there.`,
        },
      ]
    }),
  )
}

function checkPorts(ports: Draft['ports']): readonly RawMistake[] {
  return ports.flatMap(([path, port], i) => {
    const other = ports.find(([, taken], j) => j < i && taken === port && port !== 0)
    return other === undefined
      ? []
      : [{ path, sentence: `${other[0].join('.')} has port ${port} already. Take another one.` }]
  })
}

function checkTimes({ enforcement }: Draft): readonly RawMistake[] {
  if (enforcement === undefined || enforcement.callTimeoutMs < enforcement.taskTimeoutMs) return []
  const sentence =
    'One call may not take as long as a whole task. Make this shorter than enforcement.task_timeout.'
  return [{ path: ['enforcement', 'call_timeout'], sentence }]
}

import type { FileConfig } from '#src/config/sections.ts'

const listed = (values: readonly string[]): string => (values.length === 0 ? 'nobody' : values.join(', '))

/** What is configured, in lines for a terminal. Holds no secret. Pure. */
export function summaryOf(config: FileConfig): readonly string[] {
  const { slack, database, operations, protection } = config
  const channels = Object.entries(slack.channels).map(([action, id]) => `${action} ${id}`)
  const rows: readonly (readonly [string, string])[] = [
    ['Slack', `${slack.mode} mode, ${slack.apiUrl}`],
    ['Channels', channels.join(', ')],
    ['Database', database.dialect],
    ['Operations', `${operations.host}:${operations.port}`],
    ...config.iamSystems.map(({ id, kind }) => ['IAM system', `${id} (${kind})`] as const),
    ...(config.iamSystems.length === 0 ? [['IAM system', 'none'] as const] : []),
    ...Object.entries(config.roles).map(([role, ids]) => [`Role ${role}`, listed(ids)] as const),
    ...Object.entries(config.approval).map(
      ([action, { approvers }]) =>
        [`Approval ${action}`, approvers === 0 ? 'none needed' : `${approvers}`] as const,
    ),
    [
      'Protected',
      `${protection.deny.length} never changed, ${protection.twoApprovers.length} with two approvers`,
    ],
    ['Detected admins', protection.detected === 'deny' ? 'never changed' : 'with two approvers'],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
}

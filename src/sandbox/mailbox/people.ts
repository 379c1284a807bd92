import { wikiGroup } from '#src/sandbox/mailbox/local-users.ts'

/** The password of those who have enrolled. */
export const localPassword = 'violet tractor under ice'

/** Local users who are there from the beginning; whose link still works come last, so that their mails stand above. */
export const localPeople = [
  { email: 'pia@partner.example', description: 'Never came', groups: '' },
  { email: 'mara@partner.example', description: 'Auditor, until March', groups: `${wikiGroup}|Contractors` },
  { email: 'noah@partner.example', description: 'Night shift', groups: wikiGroup },
  { email: 'ines@partner.example', description: 'Print shop', groups: 'Contractors' },
  { email: 'jörg@bücher.example', description: 'Translator', groups: 'Contractors' },
  { email: 'sam@partner.example', description: 'Starts next week', groups: wikiGroup },
] as const

/** Those of them who have set their password. */
export const enrolledPeople: readonly string[] = [
  'mara@partner.example',
  'noah@partner.example',
  'ines@partner.example',
]

/** The one whose link a Disable task has ended. */
export const leaver = 'pia@partner.example'

/** Those whose link still waits in the mailbox. */
export const waitingPeople: readonly string[] = localPeople
  .map(({ email }) => email)
  .filter((email) => email !== leaver && !enrolledPeople.includes(email))

/** The file that brings them. */
export const peopleCsv = csv(
  localPeople.map(({ email, description, groups }) => [email, description, groups]),
)

/** A file to try an import with: four rows are new, one is there already, three are wrong. */
export const sampleCsv = csv([
  ['zoë@partner.example', 'Photographer; knows "everybody"', 'Contractors'],
  ['tom@partner.example', 'Help desk', `${wikiGroup}|Help desk`],
  ['uma@partner.example', '', ''],
  ['not an address', 'This row has no e-mail address', ''],
  ['mara@partner.example', 'Is there already', wikiGroup],
  ['tom@partner.example', 'The same person once more', ''],
  ['', 'Nobody', ''],
  ['vic@partner.example', 'Drives the van', 'Contractors'],
])

function csv(rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => (/[",;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const lines = [['email', 'description', 'groups'], ...rows].map((row) => row.map(cell).join(','))
  return `${lines.join('\r\n')}\r\n`
}

import { availableParallelism, loadavg } from 'node:os'
import { ack } from './ack.ts'
import { enforce } from './enforce.ts'
import { forwardAuth } from './forward-auth.ts'
import { fourSystems } from './four-systems.ts'
import { type Judged, judge } from './figure.ts'
import { jobs } from './jobs.ts'
import { localUsersLists } from './local-users-lists.ts'
import { localUsersStatus } from './local-users-status.ts'
import { localUsersWindows } from './local-users-windows.ts'
import { localUsers } from './local-users.ts'
import { lookUp } from './look-up.ts'
import { people } from './people.ts'
import { signIn } from './sign-in.ts'
import { table } from './table.ts'

const figures = [
  ack,
  enforce,
  fourSystems,
  lookUp,
  people,
  localUsers,
  localUsersLists,
  localUsersStatus,
  localUsersWindows,
  forwardAuth,
  signIn,
  jobs,
]
const wrongUse = 64
const tell = (line: string) => void process.stderr.write(`${line}\n`)

const names = process.argv.slice(2)
const unknown = names.filter((name) => !figures.some((figure) => figure.name === name))
if (unknown.length > 0) {
  tell(`There is no figure ${unknown.join(', ')}. There are:`)
  for (const figure of figures) tell(`  ${figure.name}: ${figure.about}`)
  process.exitCode = wrongUse
} else await measure()

async function measure(): Promise<void> {
  const judged: Judged[] = []
  for (const figure of figures) {
    if (names.length > 0 && !names.includes(figure.name)) continue
    tell(`${figure.name}: ${figure.about}`)
    const rows = await figure.run((line) => tell(`  ${line}`))
    judged.push(...rows.map(judge))
  }
  const load = loadavg()[0] ?? 0
  process.stdout.write(`${table(judged)}\n`)
  process.stdout.write(
    `\nNode ${process.version}, ${availableParallelism()} cores, load ${load.toFixed(1)} at the end (the bench itself included).\n`,
  )
  if (judged.some((one) => !one.holds)) process.exitCode = 1
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { programEnvironment } from '#src/sandbox/environment.ts'
import { type Slapd, startSlapd } from '#src/sandbox/directories/slapd.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { addPerson, systemFor } from '#test/helpers/directory-people.ts'

const describeSlapd = await describeWithDirectory('slapd')
const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const patience = { timeout: 120_000 }

const Report = z.object({
  exitStatus: z.number(),
  systems: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      state: z.string(),
      address: z.string().nullable(),
      latencyMs: z.number().nullable(),
      certificateEndsAt: z.iso.datetime().nullable(),
      rights: z.array(z.object({ right: z.string(), status: z.string(), grantedBy: z.string().nullable() })),
      trouble: z.object({ code: z.string() }).nullable(),
    }),
  ),
})

describeSlapd('drawbridge doctor', () => {
  let good: Slapd
  let poor: Slapd
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drawbridge-doctor-'))
    good = await startSlapd()
    poor = await startSlapd({ hidden: ['pwdEndTime'] })
    await addPerson(good)
    await addPerson(poor)
  })
  afterAll(async () => {
    await good[Symbol.asyncDispose]()
    await poor[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  /** Runs the real command over these systems. */
  async function doctor(systems: readonly object[], ...args: readonly string[]) {
    return await doctorOf({ iam_systems: systems }, ...args)
  }

  async function doctorOf(sections: object, ...args: readonly string[]) {
    const configFile = join(folder, 'drawbridge.yaml')
    const file = {
      slack: {
        mode: 'socket',
        bot_token: 'xoxb-1-a',
        app_token: 'xapp-1-a',
        channels: { default: 'C0SECURITY' },
      },
      roles: { responder: ['U0RITA'], approver: ['U0ANA'], owner: ['U0OLGA'] },
      ...sections,
    }
    await writeFile(configFile, stringify(file))
    const secrets = { DRAWBRIDGE_CONFIG: configFile, LDAP_PASSWORD: good.service.password }
    const child = spawn(process.execPath, [main, 'doctor', ...args], { env: programEnvironment(secrets) })
    const said = { out: '', problems: '' }
    child.stdout.on('data', (chunk: Buffer) => void (said.out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => void (said.problems += chunk.toString()))
    const [code] = await once(child, 'close')
    return { code: z.number().parse(code), ...said }
  }

  it('says that all is well, and ends with 0', patience, async () => {
    const { code, out, problems } = await doctor([systemFor(good)])
    expect(problems).toBe('')
    expect(out).toContain('● unix-ldap (OpenLDAP):')
    expect(out).toContain('1 of 1 IAM systems are well. Nothing was changed.')
    expect(code).toBe(0)
  })

  it('names what is missing and who grants it, and ends with 1', patience, async () => {
    const { code, out } = await doctor([systemFor(good, 'good'), systemFor(poor, 'poor')])
    expect(out).toContain('◐ poor (OpenLDAP): 1 right missing')
    expect(out).toMatch(/Missing: write pwdEndTime below .*administrator.* can grant it\./u)
    expect(code).toBe(1)
  })

  it(
    'ends with 69 when a system can not be asked, and tells about the others all the same',
    patience,
    async () => {
      const { code, out } = await doctor([
        systemFor(good, 'gone', { url: 'ldaps://127.0.0.1:1' }),
        systemFor(good, 'good'),
      ])
      expect(out).toContain('○ gone (OpenLDAP): could not be asked')
      expect(out).toContain('● good (OpenLDAP):')
      expect(code).toBe(69)
    },
  )

  it('writes one JSON document and nothing else', patience, async () => {
    const wrong = { bind_password: 'wrong-password-7' }
    const { code, out, problems } = await doctor(
      [systemFor(good, 'good'), systemFor(good, 'locked-out', wrong)],
      '--json',
    )
    const { exitStatus, systems } = Report.parse(JSON.parse(out))
    expect(exitStatus).toBe(code)
    expect(systems).toMatchObject([
      { id: 'good', kind: 'openldap', state: 'well', address: good.ldapsUrl, trouble: null },
      { id: 'locked-out', state: 'refused', address: null, trouble: { code: 'bad_credentials' }, rights: [] },
    ])
    expect(systems[0]?.latencyMs).not.toBeNull()
    expect(code).toBe(1)
    expect(out + problems).not.toContain('wrong-password-7')
  })

  it('says what to think about in the configuration, without ending otherwise for it', patience, async () => {
    const web = { public_url: 'https://access.example', secret: 'w'.repeat(32) }
    const sections = { web, iam_systems: [systemFor(good)] }
    const { code, out } = await doctorOf(sections)
    expect(out).toMatch(/^! web\.trusted_proxies: No proxy is named/m)
    expect(code).toBe(0)
    const json = await doctorOf(sections, '--json')
    expect(JSON.parse(json.out)).toMatchObject({ advice: [{ path: 'web.trusted_proxies' }], exitStatus: 0 })
  })

  it('names every mistake of the configuration, and ends with 78', patience, async () => {
    const { code, out, problems } = await doctor([{ id: 'x', kind: 'openldap' }], '--json')
    expect(problems).toContain('iam_systems')
    expect(out).toBe('')
    expect(code).toBe(78)
  })
})

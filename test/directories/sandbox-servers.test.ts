import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { accepts } from '#src/sandbox/directories/server-process.ts'
import { documentedAccess, slapdTree } from '#src/sandbox/directories/slapd-config.ts'
import { startSamba } from '#src/sandbox/directories/samba.ts'
import { startSlapd } from '#src/sandbox/directories/slapd.ts'
import { createOpenLdapConnector } from '#src/iam/openldap/index.ts'
import { mustRun } from '#src/sandbox/run.ts'
import { takeName } from '#src/sandbox/lock.ts'
import { ensurePackages } from '#src/sandbox/packages.ts'
import { memoryContext } from '#test/helpers/change-context.ts'
import { openLdapSettings } from '#test/helpers/directory-settings.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

const describeSlapd = await describeWithDirectory('slapd')
const describeSamba = await describeWithDirectory('samba')

const signal = new AbortController().signal
const person = {
  login: 'anguyen',
  displayName: 'Alice Nguyen',
  emails: ['a@corp.example'],
  password: 'Correct-Horse-1',
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

describeSlapd("the sandbox's slapd", () => {
  it('runs several times at once, and each ends alone without a trace', async () => {
    const [one, other] = await Promise.all([startSlapd(), startSlapd()])
    await one[Symbol.asyncDispose]()
    expect(isAlive(one.pid)).toBe(false)
    expect(await isThere(one.caFile)).toBe(false)
    expect(isAlive(other.pid)).toBe(true)
    expect(await accepts('127.0.0.1', other.port)).toBe(true)
    await other[Symbol.asyncDispose]()
    expect(isAlive(other.pid)).toBe(false)
  })

  it('does not outlive a process that is killed', async () => {
    const program = `import { startSlapd } from '#src/sandbox/directories/slapd.ts'
      const { pid, caFile } = await startSlapd()
      console.log(JSON.stringify({ pid, caFile }))`
    const root = fileURLToPath(new URL('../..', import.meta.url))
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
    const [chunk] = await once(child.stdout, 'data')
    const { pid, caFile } = z.object({ pid: z.number(), caFile: z.string() }).parse(JSON.parse(String(chunk)))
    expect(isAlive(pid)).toBe(true)
    child.kill('SIGKILL')
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000 })
    await rm(dirname(caFile), { recursive: true })
  })

  it('gives the service account the very rights that the documentation tells to grant', async () => {
    const page = await readFile(new URL('../../docs/connectors/openldap.md', import.meta.url), 'utf8')
    const words = page.replaceAll(/\s+/g, ' ')
    const { suffix, people, service } = slapdTree
    const rules = Object.values(documentedAccess(suffix, people, service))
    expect(rules.filter((rule) => !words.includes(rule))).toEqual([])
  })

  it('has no right before the documented rules are pasted, and all of them after', async () => {
    const page = await readFile(new URL('../../docs/connectors/openldap.md', import.meta.url), 'utf8')
    const rules = /```ldif\n([^`]*)```/.exec(page)?.[1] ?? ''
    await using server = await startSlapd({ rights: 'none', people: [person] })
    const connector = createOpenLdapConnector(openLdapSettings(server), {
      callTimeoutMs: 5_000,
      protectedGroups: [],
    })
    await expect(connector.checkRights(signal)).rejects.toMatchObject({
      facts: { detail: 'base_dn_not_found' },
    })
    const signIn = ['-x', '-H', server.ldapUrl, '-D', slapdTree.configAdmin, '-w', server.admin.password]
    await mustRun('ldapmodify', signIn, { input: rules })
    const checks = await connector.checkRights(signal)
    expect(checks.map((check) => `${check.right.split(' below')[0]}: ${check.status}`)).toEqual([
      'read people: granted',
      'read uid: granted',
      'read mail: granted',
      'write pwdAccountLockedTime: granted',
      'write pwdEndTime: granted',
      'write pwdReset: granted',
      'read pwdFailureTime: granted',
      'read pwdPolicySubentry: granted',
      'read pwdStartTime: granted',
      'password policy overlay (ppolicy) where our own account lives: granted',
    ])
    const [account] = await connector.find({ kind: 'login', value: person.login }, signal)
    const context = memoryContext()
    expect(await connector.disable(account!.id, context)).toMatchObject({ readBack: 'verified' })
    expect(await connector.enable(account!.id, memoryContext(context.kept()))).toMatchObject({
      readBack: 'verified',
    })
  })
})

describeSamba("the sandbox's domain controller", () => {
  it('runs several times at once on addresses of its own, and each ends alone', async () => {
    const [one, other] = await Promise.all([startSamba(), startSamba()])
    expect(one.address).not.toBe(other.address)
    await one[Symbol.asyncDispose]()
    expect(isAlive(one.pid)).toBe(false)
    expect(await isThere(one.caFile)).toBe(false)
    expect(await accepts(other.address, 636)).toBe(true)
    await other[Symbol.asyncDispose]()
    expect(isAlive(other.pid)).toBe(false)
  })
})

describe('packages', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('that are there are reported without a word', async () => {
    const printed: string[] = []
    const report = await ensurePackages(['base-files'], (line) => printed.push(line))
    expect(report).toEqual({ available: ['base-files'], missing: [], reason: undefined })
    expect(printed).toEqual([])
  })

  it('are not installed where that is forbidden', async () => {
    vi.stubEnv('DRAWBRIDGE_NO_INSTALL', '1')
    const report = await ensurePackages(['base-files', 'no-such-package-anywhere'])
    expect(report).toMatchObject({ available: ['base-files'], missing: ['no-such-package-anywhere'] })
    expect(report.reason).toContain('DRAWBRIDGE_NO_INSTALL')
  })
})

describe('a name held on this machine', () => {
  it('has one holder, and is free again afterwards', async () => {
    const held = await takeName('test/one')
    expect(held).toBeDefined()
    expect(await takeName('test/one')).toBeUndefined()
    await held?.[Symbol.asyncDispose]()
    const again = await takeName('test/one')
    expect(again).toBeDefined()
    await again?.[Symbol.asyncDispose]()
  })
})

import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { postgresKit } from '#db/kit.ts'
import { defineTables } from '#db/schema/index.ts'
import * as postgres from '#db/schema/postgres.ts'
import * as sqlite from '#db/schema/sqlite.ts'
import { mustRun } from '#src/sandbox/run.ts'

const root = new URL('../../', import.meta.url).pathname

describe('The tables', () => {
  it.each([
    ['sqlite', sqlite],
    ['postgres', postgres],
  ])('are all seen by drizzle-kit for %s', (_, exported) => {
    expect(Object.keys(exported).toSorted()).toEqual(Object.keys(defineTables(postgresKit)).toSorted())
  })

  it.each([
    ['sqlite', 'sqlite'],
    ['postgresql', 'postgres'],
  ])('have migrations that lack nothing for %s', async (dialect, name) => {
    const copy = await mkdtemp(join(tmpdir(), 'drawbridge-migrations-'))
    try {
      await cp(join(root, 'db/migrations', name), copy, { recursive: true })
      const before = (await readdir(copy)).toSorted()
      const schema = `${root}db/schema/${name}.ts`
      // drizzle-kit takes `out` as a path from where it stands.
      const args = ['generate', '--dialect', dialect, '--schema', schema, '--out', relative(root, copy)]
      const output = await mustRun(process.execPath, [
        join(root, 'node_modules/drizzle-kit/bin.cjs'),
        ...args,
      ])
      expect(output).toContain('No schema changes')
      expect((await readdir(copy)).toSorted()).toEqual(before)
    } finally {
      await rm(copy, { recursive: true, force: true })
    }
  })
})

import { randomUUID } from 'node:crypto'
import { describe, expect, inject, it } from 'vitest'
import { playKills } from '#test/faults/play-kills.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'
import { databaseUrl, onServer } from '#test/helpers/postgres.ts'

const server = inject('postgresUrl')
const describeSlapd = await describeWithDirectory('slapd')
// The test run says why when there is no server.
const describeBoth = server === '' ? describe.skip : describeSlapd

describeBoth('bots on PostgreSQL that are killed again and again', () => {
  async function play(work: { people: number; bots: number; kills: number }) {
    const name = `kills_${randomUUID().replaceAll('-', '')}`
    await onServer(server, `CREATE DATABASE ${name}`)
    try {
      return await playKills({ ...work, databaseUrl: databaseUrl(server, name) })
    } finally {
      await onServer(server, `DROP DATABASE ${name} WITH (FORCE)`)
    }
  }

  it('finish fifty tasks, each once, as one process', { timeout: 600_000 }, async () => {
    expect((await play({ people: 50, bots: 1, kills: 12 })).kills).toBe(12)
  })

  it('finish twenty tasks, each once, as two replicas', { timeout: 600_000 }, async () => {
    expect((await play({ people: 20, bots: 2, kills: 8 })).kills).toBe(8)
  })
})

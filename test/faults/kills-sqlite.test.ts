import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { playKills } from '#test/faults/play-kills.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('a bot on SQLite that is killed again and again', () => {
  const name = 'finishes fifty tasks, each once, and tells everybody all of it once and in order'
  it(name, { timeout: 600_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'drawbridge-kills-'))
    const databaseUrl = `sqlite:${join(folder, 'drawbridge.db')}`
    try {
      const report = await playKills({ databaseUrl, people: 50, bots: 1, kills: 12 })
      expect(report.kills).toBe(12)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

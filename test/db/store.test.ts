import { AsyncLocalStorage } from 'node:async_hooks'
import { count, eq } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { ConflictError, type Store, type WriteContext } from '#db/store.ts'
import { describeOnBothEngines } from '#test/helpers/store.ts'

// Made outside of every read and write, so that what it runs is not inside one.
const outside = AsyncLocalStorage.snapshot()

const at = new Date('2026-03-02T12:00:00.123Z')

async function putPause(ctx: WriteContext, key: string, until = at): Promise<void> {
  await ctx.q.insert(ctx.t.pauses).values({ key, until })
}

async function pauseKeys(store: Store): Promise<string[]> {
  const rows = await store.read((ctx) => ctx.q.select({ key: ctx.t.pauses.key }).from(ctx.t.pauses))
  return rows.map((row) => row.key).toSorted()
}

describeOnBothEngines('The store', (open, databases) => {
  it('gives back times to the millisecond, JSON, booleans and big numbers as they were written', async () => {
    const store = await open()
    const message = { text: 'Grüße\n"', list: [1, 2.5, null, true], deep: { a: {} } }
    await store.write(async (ctx) => {
      await ctx.q.insert(ctx.t.outbox).values({
        stream: 's',
        lane: 'reply',
        message,
        state: 'waiting',
        uncertain: true,
        version: 2 ** 52,
        notBefore: at,
        createdAt: at,
      })
    })
    const [row] = await store.read((ctx) => ctx.q.select().from(ctx.t.outbox))
    expect(row).toMatchObject({
      id: 1,
      message,
      uncertain: true,
      version: 2 ** 52,
      notBefore: at,
      sentAt: null,
    })
    expect(row?.notBefore).toBeInstanceOf(Date)
  })

  it('counts in numbers', async () => {
    const store = await open()
    await store.write((ctx) => putPause(ctx, 'a'))
    const [row] = await store.read((ctx) => ctx.q.select({ n: count() }).from(ctx.t.pauses))
    expect(row).toEqual({ n: 1 })
  })

  it('gives no id out a second time, even that of a deleted last row', async () => {
    const store = await open()
    const add = (ctx: WriteContext) =>
      ctx.q
        .insert(ctx.t.jobs)
        .values({ kind: 'k', payload: {}, state: 'available', runAt: at, createdAt: at })
        .returning({ id: ctx.t.jobs.id })
    const [first] = await store.write(add)
    await store.write((ctx) => ctx.q.delete(ctx.t.jobs).where(eq(ctx.t.jobs.id, first?.id ?? 0)))
    const [second] = await store.write(add)
    expect(second?.id).toBeGreaterThan(first?.id ?? 0)
  })

  it('writes nothing of a write that throws, and does nothing after its commit', async () => {
    const store = await open()
    const told: string[] = []
    store.onCommit('jobs', () => told.push('jobs'))
    const write = store.write(async (ctx) => {
      ctx.afterCommit(() => told.push('after'))
      ctx.touch('jobs')
      await putPause(ctx, 'a')
      throw new Error('no')
    })
    await expect(write).rejects.toThrow('no')
    expect(await pauseKeys(store)).toEqual([])
    expect(told).toEqual([])
  })

  it('takes nobody with it when one of several writes that wait together throws, or meets a taken key', async () => {
    const store = await open()
    await store.write((ctx) => putPause(ctx, 'taken'))
    const keys = ['a', 'no', 'b', 'taken', 'c']
    const writes = keys.map((key) =>
      store.write(async (ctx) => {
        await ctx.q.insert(ctx.t.pauses).values({ key, until: new Date(0) })
        if (key === 'no') throw new Error('no')
        return key
      }),
    )
    const ended = await Promise.allSettled(writes)
    expect(ended.map((one) => (one.status === 'fulfilled' ? one.value : one.reason))).toEqual([
      'a',
      new Error('no'),
      'b',
      expect.any(ConflictError),
      'c',
    ])
    expect((await pauseKeys(store)).toSorted()).toEqual(['a', 'b', 'c', 'taken'])
  })

  it('lets timers and sockets in between writes that follow one another', async () => {
    const store = await open()
    let written = 0
    const whenIn = new Promise<number>((resolve) => setImmediate(() => resolve(written)))
    for (; written < 50; written += 1) await store.write((ctx) => putPause(ctx, `k${written}`))
    expect(await whenIn).toBeLessThan(50)
  })

  it('answers each of many writes only once others can see it', async () => {
    const store = await open()
    const keys = Array.from({ length: 100 }, (_, i) => `k${i}`)
    const seen = await Promise.all(
      keys.map(async (key) => {
        await store.write((ctx) => putPause(ctx, key))
        return (await pauseKeys(store)).includes(key)
      }),
    )
    expect(seen).toEqual(keys.map(() => true))
  })

  it('lets a long write through, however many short ones overtake it', async () => {
    const store = await open()
    const through = new AbortController()
    let overtook = (): void => {}
    const short = async (who: number) => {
      for (let n = 0; !through.signal.aborted; n += 1) {
        await store.write(async (ctx) => {
          await ctx.q.select().from(ctx.t.pauses)
          await putPause(ctx, `${who} ${n}`)
        })
        overtook()
      }
    }
    const long = async () => {
      try {
        await store.write(async (ctx) => {
          await ctx.q.select().from(ctx.t.pauses)
          await new Promise<void>((resolve) => {
            overtook = resolve
            // Where nobody can overtake it.
            setTimeout(resolve, 50)
          })
          await putPause(ctx, 'long')
        })
      } finally {
        through.abort()
      }
    }
    await Promise.all([long(), short(1), short(2)])
    expect(await pauseKeys(store)).toContain('long')
  })

  it('tells of a commit once, after others can see it', async () => {
    const store = await open()
    const seen: Promise<string[]>[] = []
    const stop = store.onCommit('outbox', () => seen.push(pauseKeys(store)))
    await store.write(async (ctx) => {
      ctx.touch('outbox')
      ctx.touch('outbox')
      await putPause(ctx, 'a')
    })
    stop()
    await store.write(async (ctx) => ctx.touch('outbox'))
    expect(await Promise.all(seen)).toEqual([['a']])
  })

  it('shows readers only what is committed', async () => {
    const store = await open()
    let goOn = (): void => {}
    const held = new Promise<void>((resolve) => (goOn = resolve))
    let written = (): void => {}
    const isWritten = new Promise<void>((resolve) => (written = resolve))
    const write = store.write(async (ctx) => {
      await putPause(ctx, 'a')
      written()
      await held
    })
    await isWritten
    expect(await pauseKeys(store)).toEqual([])
    goOn()
    await write
    expect(await pauseKeys(store)).toEqual(['a'])
  })

  it('shows one read one picture, whatever is committed meanwhile', async () => {
    const store = await open()
    await store.read(async (ctx) => {
      const before = await ctx.q.select().from(ctx.t.pauses)
      // A write from outside of this read's work.
      await outside(() => store.write((write) => putPause(write, 'a')))
      expect(await ctx.q.select().from(ctx.t.pauses)).toEqual(before)
    })
    expect(await pauseKeys(store)).toEqual(['a'])
  })

  it('says which write met a taken key, and goes on', async () => {
    const store = await open()
    await store.write((ctx) => putPause(ctx, 'a'))
    await expect(store.write((ctx) => putPause(ctx, 'a'))).rejects.toBeInstanceOf(ConflictError)
    await store.write((ctx) => putPause(ctx, 'b'))
    expect(await pauseKeys(store)).toEqual(['a', 'b'])
  })

  it('refuses a read or a write inside another one', async () => {
    const store = await open()
    await expect(store.write(() => store.write(async () => {}))).rejects.toThrow('use its context')
    await expect(store.write(() => store.read(async () => {}))).rejects.toThrow('use its context')
    await expect(store.read(() => store.write(async () => {}))).rejects.toThrow('use its context')
    await store.write((ctx) => putPause(ctx, 'a'))
  })

  it('refuses to change anything in a read', async () => {
    const store = await open()
    await store.write((ctx) => putPause(ctx, 'a'))
    const sneaky = store.read(async (ctx) => {
      if ('delete' in ctx.q && typeof ctx.q.delete === 'function') await ctx.q.delete(ctx.t.pauses)
    })
    await expect(sneaky).rejects.toThrow(/delete from|readonly/i)
    expect(await pauseKeys(store)).toEqual(['a'])
  })

  it('keeps twenty writers that look before they add to the limit that each of them saw', async () => {
    const store = await open()
    const upToThree = async (ctx: WriteContext, key: string): Promise<void> => {
      const rows = await ctx.q.select().from(ctx.t.pauses)
      if (rows.length < 3) await putPause(ctx, key)
    }
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.write((ctx) => upToThree(ctx, `k${i}`))))
    expect(await pauseKeys(store)).toHaveLength(3)
  })

  it('brings the tables up to date once when several replicas start on an empty database', async () => {
    // Several processes on one SQLite file are no way to run Drawbridge.
    const url = await databases.newUrl('bare')
    const replicas = databases.dialect === 'postgres' ? 4 : 1
    const stores = await Promise.all(Array.from({ length: replicas }, () => databases.openUrl(url)))
    await stores[0]!.write((ctx) => putPause(ctx, 'a'))
    expect(await pauseKeys(stores.at(-1)!)).toEqual(['a'])
  })

  it('is there again after it was closed and opened', async () => {
    const url = await databases.newUrl()
    const store = await databases.openUrl(url)
    await store.write((ctx) => putPause(ctx, 'a'))
    await store.close()
    await expect(store.read(async () => {})).rejects.toThrow(/end|open/)
    expect(await pauseKeys(await databases.openUrl(url))).toEqual(['a'])
  })

  it('waits for a write through another connection without holding up the process', async () => {
    const url = await databases.newUrl()
    const [one, other] = [await databases.openUrl(url), await databases.openUrl(url)]
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => [one, other][i % 2]!.write((ctx) => putPause(ctx, `k${i}`))),
    )
    expect(await pauseKeys(one)).toHaveLength(20)
  })

  it('lets one process at most work alone', async () => {
    const url = await databases.newUrl()
    const first = await databases.openUrl(url)
    const second = await databases.openUrl(url)
    const isAlone = databases.dialect === 'sqlite'
    expect([first.workAlone(), first.workAlone(), second.workAlone()]).toEqual([isAlone, isAlone, false])
    await first.close()
    expect(second.workAlone()).toBe(isAlone)
  })

  // PostgreSQL takes nothing more after a failed query, and a commit would silently write nothing.
  it('never writes half of what it says, also when a failed query was passed over', async () => {
    const store = await open()
    await store.write((ctx) => putPause(ctx, 'a'))
    const write = store.write(async (ctx) => {
      await putPause(ctx, 'b')
      await putPause(ctx, 'a').catch(() => {})
    })
    const said = await write.then(
      () => 'written',
      (error: unknown) => String(error),
    )
    const isPostgres = databases.dialect === 'postgres'
    expect(said).toContain(isPostgres ? 'nothing was written' : 'written')
    expect(await pauseKeys(store)).toEqual(isPostgres ? ['a'] : ['a', 'b'])
  })
})

import { setImmediate, setTimeout as wait } from 'node:timers/promises'
import { conflictOr, isBusy } from '#db/failures.ts'

// Whoever asks next waits for no more than these.
const mostTogether = 32

/** What is needed of a connection of better-sqlite3. */
interface Connection {
  readonly inTransaction: boolean
  exec(statements: string): unknown
  close(): unknown
}

/** The writes of one SQLite connection. */
export interface Writer {
  /** Runs the work in a transaction, and answers once that is on the disk. Throws `ConflictError` for a taken key. */
  write<T>(work: () => Promise<T>): Promise<T>
  /** Waits for what was asked, and closes the connection. */
  close(): Promise<void>
}

interface Turn {
  /** Does the work; answers how to tell once it is committed. */
  run(): Promise<() => void>
  fail(error: unknown): void
}

/**
 * Writes in the order of asking, one after the other. Waiting for the disk takes longer than most writes do, so those that
 * wait at the same moment are committed together, each in a savepoint of its own: one that throws takes no other with it.
 */
export function createWriter(connection: Connection): Writer {
  const waiting: Turn[] = []
  let working: Promise<void> | undefined
  const workOff = async (): Promise<void> => {
    while (waiting.length > 0) {
      await commitTogether(connection, waiting.splice(0, mostTogether))
      // SQLite answers at once, so that what reacts to a commit by writing would keep clicks and sockets out for ever.
      await setImmediate()
    }
    working = undefined
  }
  return {
    write: (work) =>
      new Promise((resolve, reject) => {
        waiting.push({
          run: async () => {
            const result = await work()
            return () => resolve(result)
          },
          fail: reject,
        })
        working ??= workOff()
      }),
    async close() {
      await working
      connection.close()
    },
  }
}

async function commitTogether(connection: Connection, turns: readonly Turn[]): Promise<void> {
  const committed: (() => void)[] = []
  try {
    await begin(connection, 'BEGIN IMMEDIATE')
    for (const turn of turns) committed.push(await runAlone(connection, turn))
    connection.exec('COMMIT')
  } catch (error) {
    if (connection.inTransaction) connection.exec('ROLLBACK')
    for (const turn of turns) turn.fail(conflictOr(error))
    return
  }
  for (const tell of committed) tell()
}

async function runAlone(connection: Connection, turn: Turn): Promise<() => void> {
  connection.exec('SAVEPOINT turn')
  try {
    const tell = await turn.run()
    connection.exec('RELEASE turn')
    return tell
  } catch (error) {
    // Where SQLite gave up the whole transaction, as on a full disk, nobody's work is left.
    if (!connection.inTransaction) throw error
    connection.exec('ROLLBACK TO turn; RELEASE turn')
    return () => turn.fail(conflictOr(error))
  }
}

/** Begins a transaction; another process, such as a backup, may be writing, and is waited for beside SQLite. */
export async function begin(connection: Connection, statement: string): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      connection.exec(statement)
      return
    } catch (error) {
      if (!isBusy(error) || tries === 500) throw error
      await wait(20)
    }
  }
}

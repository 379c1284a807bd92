import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Command } from 'commander'
import { type App, createApp, DatabaseError } from '#src/app.ts'
import { type Config, configPath, loadConfig } from '#src/config.ts'
import { configCheck, describeMistakes, wrongConfiguration } from '#src/config/check.ts'
import { systemClock } from '#src/clock.ts'
import { runDoctor } from '#src/doctor.ts'
import { createLog, type Log } from '#src/log.ts'
import { OperationsAddressError } from '#src/operations/server.ts'
import { listeners } from '#src/slack/listeners.ts'
import { manifestFiles } from '#src/slack/manifest.ts'
import { StartUpError } from '#src/slack/start-up.ts'
import { WebAddressError } from '#src/web/server.ts'

const notAvailable = 69

const program = new Command('drawbridge').description(
  'Disables and enables accounts in every IAM system, from Slack.',
)

program
  .command('start')
  .description('start the bot; the configuration is ./drawbridge.yaml or what DRAWBRIDGE_CONFIG names')
  .action(start)

program
  .command('config')
  .description('look at the configuration')
  .command('check')
  .description('read the configuration and name every mistake; nothing is started')
  .action(() => {
    process.exitCode = configCheck({ write: (line) => process.stdout.write(`${line}\n`) })
  })

program
  .command('doctor')
  .description('look at every IAM system and each right that is needed there; nothing is changed')
  .option('--json', 'write one JSON document instead of sentences', false)
  .addHelpText(
    'after',
    '\nExit status: 0 all is well, 1 something is missing or refused, 69 a system could not be asked, 78 wrong configuration.',
  )
  .action(async (options: { readonly json: boolean }) => {
    const config = configuration()
    if (config === undefined) return
    const write = (line: string) => process.stdout.write(`${line}\n`)
    // What is read by a program must hold nothing else.
    const log = createLog({ level: config.logLevel, destination: process.stderr })
    const deps = { config, clock: systemClock, log, write }
    process.exitCode = await runDoctor(deps, options, AbortSignal.timeout(10 * 60_000))
  })

program
  .command('manifests')
  .description("write the Slack app's manifests to manifests/slack")
  .action(async () => {
    for (const { path, text } of manifestFiles(listeners)) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text)
    }
  })

await program.parseAsync()

async function start(): Promise<void> {
  const config = configuration()
  if (config === undefined) return
  const log = createLog({ level: config.logLevel })
  const app = await wire(config, log)
  if (app === undefined) return
  let stopping = false
  const stop = (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  try {
    await app.start()
    log.info({ connections: app.slack.health().open }, 'Drawbridge runs')
  } catch (error) {
    if (!(error instanceof StartUpError || isTakenAddress(error))) throw error
    process.stderr.write(`${error.message}\n`)
    await app.stop(0)
    process.exit(error instanceof StartUpError ? wrongConfiguration : notAvailable)
  }
}

function isTakenAddress(error: unknown): error is OperationsAddressError | WebAddressError {
  return error instanceof OperationsAddressError || error instanceof WebAddressError
}

/** The configuration, or undefined, every mistake said and the exit status set, when it is wrong. */
function configuration(): Config | undefined {
  const loaded = loadConfig()
  if (loaded.kind === 'ok') return loaded.config
  process.stderr.write(`${describeMistakes(configPath(), loaded.mistakes).join('\n')}\n`)
  process.exitCode = wrongConfiguration
  return undefined
}

/** The wired app, or undefined, said and with the exit status set, when the database cannot be opened. */
async function wire(config: Config, log: Log): Promise<App | undefined> {
  try {
    return await createApp({ config, log })
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = notAvailable
    return undefined
  }
}

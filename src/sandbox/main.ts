import { Command } from 'commander'
import { openAlbum } from '#src/sandbox/album.ts'
import { startEstate } from '#src/sandbox/estate.ts'
import { packageReport, sambaPackages, slapdPackages } from '#src/sandbox/packages.ts'
import { playScript } from '#src/sandbox/script.ts'
import { setStage, startWorkspace } from '#src/sandbox/stage.ts'
import { openWorkspace, usualPort } from '#src/sandbox/workspace/open.ts'

const nothing = { withSlapd: false, withSamba: false, names: [] }
const tell = (line: string) => void process.stdout.write(`${line}\n`)

await new Command('sandbox')
  .description('the whole product on this machine, with no account anywhere')
  .option(
    '--port <number>',
    'of the page to open in a browser; another one when it is taken',
    String(usualPort),
  )
  .option('--script', 'play the scene with three people and print what they read, instead of the page')
  .option('--built-in', 'without the real directory servers that are installed here')
  .option(
    '--pictures <dir>',
    'with --script: also write what they see at the telling moments as pages for a browser',
  )
  .action(start)
  .parseAsync()

interface Options {
  readonly port: string
  readonly script?: true
  readonly builtIn?: true
  readonly pictures?: string
}

async function start(options: Options): Promise<void> {
  const can = options.builtIn === true ? nothing : await installed()
  tell(`Starting ${sentence(['a built-in Entra', 'a built-in Okta', ...can.names])} …`)
  if (options.script === true) return await play(can, options.pictures)
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort())
  // All has ended then, but for those who still wait for something that never comes.
  process.exit(await open(Number(options.port), can, stopping.signal))
}

async function open(
  port: number,
  can: Awaited<ReturnType<typeof installed>>,
  signal: AbortSignal,
): Promise<number> {
  try {
    await openWorkspace({ installed: can, port, tell, signal })
    return 0
  } catch (error) {
    tell(`\nThe sandbox could not go on: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  }
}

async function play(can: Awaited<ReturnType<typeof installed>>, pictures: string | undefined): Promise<void> {
  await using estate = await startEstate(can)
  await using slack = await startWorkspace()
  await using stage = await setStage({ slack, estate })
  await using bot = stage.start()
  try {
    await Promise.race([
      slack.waitUntil(() => (slack.sockets.count() >= 2 ? true : undefined), {
        what: 'the bot',
        timeoutMs: 60_000,
      }),
      bot.ended.then((code) => Promise.reject(new Error(`the bot ended with status ${code}`))),
    ])
    tell('The bot is connected.\n')
    await playScript({ slack, estate, narrator: { tell }, album: openAlbum(slack, pictures) })
  } catch (error) {
    tell(`\nThe scene did not go as it should: ${error instanceof Error ? error.message : String(error)}`)
    tell(bot.output())
    process.exitCode = 1
  }
}

/** The real directory servers that are on this machine; a Samba domain needs root. */
async function installed() {
  const there = async (packages: readonly string[]) => (await packageReport(packages)).missing.length === 0
  const withSlapd = await there(slapdPackages)
  const withSamba = process.getuid?.() === 0 && (await there(sambaPackages))
  const names = [...(withSlapd ? ['slapd'] : []), ...(withSamba ? ['a Samba domain controller'] : [])]
  return { withSlapd, withSamba, names }
}

function sentence(names: readonly string[]): string {
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names)
}

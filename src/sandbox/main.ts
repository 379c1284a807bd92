import { Command } from 'commander'
import { openAlbum } from '#src/sandbox/album.ts'
import { startEstate } from '#src/sandbox/estate.ts'
import { packageReport, sambaPackages, slapdPackages } from '#src/sandbox/packages.ts'
import { playScript } from '#src/sandbox/script.ts'
import { setStage, startWorkspace } from '#src/sandbox/stage.ts'

const nothing = { withSlapd: false, withSamba: false, names: [] }
const tell = (line: string) => void process.stdout.write(`${line}\n`)

new Command('sandbox')
  .description('the whole product on this machine, with no account anywhere')
  .option('--script', 'play the scene with three people and print what they read (the default)')
  .option('--built-in', 'without the real directory servers that are installed here')
  .option('--pictures <dir>', 'also write what they see at the telling moments as pages for a browser')
  .action(play)
  .parse()

async function play(options: { readonly pictures?: string; readonly builtIn?: true }): Promise<void> {
  const can = options.builtIn === true ? nothing : await installed()
  tell(`Starting ${sentence(['a built-in Entra', 'a built-in Okta', ...can.names])} …`)
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
    await playScript({ slack, estate, narrator: { tell }, album: openAlbum(slack, options.pictures) })
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

import { Command } from 'commander'
import { openAlbum } from '#src/sandbox/album.ts'
import { ensurePackages, packageReport, sambaPackages, slapdPackages } from '#src/sandbox/packages.ts'
import { playScript } from '#src/sandbox/script.ts'
import { setStage, startDirectories, startWorkspace } from '#src/sandbox/stage.ts'

const notAvailable = 69
const tell = (line: string) => void process.stdout.write(`${line}\n`)

new Command('sandbox')
  .description('the whole product on this machine, with no account anywhere')
  .option('--script', 'play the scene with three people and print what they read (the default)')
  .option('--pictures <dir>', 'also write what they see at the telling moments as pages for a browser')
  .action(play)
  .parse()

async function play(options: { readonly pictures?: string }): Promise<void> {
  const report = await ensurePackages(slapdPackages, tell)
  if (report.missing.length > 0) {
    tell(
      `The sandbox needs a real directory server. Missing: ${report.missing.join(', ')} (${report.reason ?? 'not installed'}).`,
    )
    tell(`On Debian: apt-get install -y ${slapdPackages.join(' ')}`)
    process.exitCode = notAvailable
    return
  }
  const withSamba = process.getuid?.() === 0 && (await packageReport(sambaPackages)).missing.length === 0
  tell(
    withSamba
      ? 'Starting slapd and a Samba domain controller …'
      : 'Starting slapd (no Samba here, so without Active Directory) …',
  )
  await using directories = await startDirectories({ withSamba })
  await using slack = await startWorkspace()
  await using stage = await setStage({ slack, directories })
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
    await playScript({ slack, directories, narrator: { tell }, album: openAlbum(slack, options.pictures) })
  } catch (error) {
    tell(`\nThe scene did not go as it should: ${error instanceof Error ? error.message : String(error)}`)
    tell(bot.output())
    process.exitCode = 1
  }
}

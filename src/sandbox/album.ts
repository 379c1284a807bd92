import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Slack } from '#src/sandbox/slack/index.ts'

/** Where pages of a scene are kept. */
export interface Album {
  /** Writes what somebody sees now as `NAME.html`. */
  add(name: string, scene: Parameters<Slack['renderPage']>[0]): Promise<void>
}

/** An album in this folder, which is made where it is missing; without a folder nothing is written. */
export function openAlbum(slack: Slack, folder: string | undefined): Album {
  return {
    add: async (name, scene) => {
      if (folder === undefined) return
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, `${name}.html`), slack.renderPage(scene))
    },
  }
}

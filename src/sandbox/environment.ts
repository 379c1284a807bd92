/** What the sandbox and the tests read from the environment. */
export interface SandboxEnvironment {
  /** False when `DRAWBRIDGE_NO_INSTALL=1` forbids installing packages. */
  readonly mayInstall: boolean
  /** True on a build server (`CI=true`), where a server that can't be started is a failure, not a reason to skip. */
  readonly onBuildServer: boolean
  /** What random tests start from (`DRAWBRIDGE_TEST_SEED`), to play a failure again. */
  readonly testSeed: number | undefined
}

/** The sandbox's only reader of `process.env`. */
export function sandboxEnvironment(): SandboxEnvironment {
  const seed = Number(process.env['DRAWBRIDGE_TEST_SEED'] ?? '')
  return {
    testSeed: seed > 0 ? seed : undefined,
    mayInstall: process.env['DRAWBRIDGE_NO_INSTALL'] !== '1',
    onBuildServer: process.env['CI'] === 'true',
  }
}

/** The environment for programs that are started: the caller's own with a search path that has the servers. */
export function programEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`
  return { PATH: path, LANG: 'C.UTF-8', HOME: process.env['HOME'] ?? '/tmp', ...extra }
}

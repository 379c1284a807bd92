import { describeConnector } from '#test/contracts/connector.ts'
import { startActiveDirectoryFixture } from '#test/directories/active-directory-fixture.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

const describeSamba = await describeWithDirectory('samba')

describeSamba('over a real Samba domain controller', () => {
  // LDAP has no rate limit that a client is told about.
  describeConnector('active-directory', startActiveDirectoryFixture, ['rate_limited'])
})

import { describeConnector } from '#test/contracts/connector.ts'
import { startOpenLdapFixture } from '#test/directories/openldap-fixture.ts'
import { describeWithDirectory } from '#test/helpers/directories.ts'

const describeSlapd = await describeWithDirectory('slapd')

describeSlapd('over a real slapd', () => {
  // LDAP has no rate limit that a client is told about.
  describeConnector('openldap', startOpenLdapFixture, ['rate_limited'])
})

import { describeManagedIdentity } from '#test/vendors/entra-managed-identity.ts'

describeManagedIdentity('the identity endpoint of a host', ({ endpoint, header }) => ({
  IDENTITY_ENDPOINT: endpoint,
  IDENTITY_HEADER: header,
}))

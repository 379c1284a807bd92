import { describeManagedIdentity } from '#test/vendors/entra-managed-identity.ts'

describeManagedIdentity('the metadata service of a machine', ({ endpoint }) => ({
  AZURE_POD_IDENTITY_AUTHORITY_HOST: new URL(endpoint).origin,
}))

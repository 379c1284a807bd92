import { describeConnector } from '#test/contracts/connector.ts'
import { startEntraContract } from '#test/vendors/entra-fixture.ts'

describeConnector('entra', startEntraContract)

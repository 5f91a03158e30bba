// What an operator states, as types. A wrong value fails before anything is deployed: most in the compiler, the rest in rules.bicep.

@export()
@description('A region of the Custom Vision training service.')
type region =
  | 'australiaeast'
  | 'centralindia'
  | 'centraluseuap'
  | 'eastus'
  | 'eastus2'
  | 'japaneast'
  | 'northcentralus'
  | 'northeurope'
  | 'southcentralus'
  | 'southeastasia'
  | 'uksouth'
  | 'westeurope'
  | 'westus2'

@export()
@description('A Custom Vision training resource that exists already.')
@sealed()
type customVisionResource = {
  @description('Optional. Where its training API is; the account\'s own endpoint when left out, which the deployment reads with its key.')
  at: resourceAddress?

  @description('Required. Who puts its training key into the vault.')
  trainingKey: trainingKey

  @description('Optional. Reach the account by a private endpoint in the deployment\'s network. The account needs a custom subdomain.')
  privateEndpoint: bool?

  @description('Optional. Names each freshly trained iteration by itself.')
  training: namesTrainedIterations?
}

@discriminator('kind')
type resourceAddress = inRegion | behindEndpoint

@sealed()
type inRegion = {
  kind: 'region'

  @description('Required. The region, for its shared endpoint.')
  region: region
}

@sealed()
type behindEndpoint = {
  kind: 'endpoint'

  @description('Required. The resource\'s own endpoint, https://NAME.cognitiveservices.azure.com.')
  @minLength(9)
  @maxLength(2048)
  endpoint: string
}

@sealed()
type namesTrainedIterations = {
  @description('Required. Queue that the project\'s notificationQueueUri names; the deployment creates it. Where the storage account is private, its firewall admits the Custom Vision account.')
  @minLength(3)
  @maxLength(56)
  notificationQueue: string

  @description('Required. JSONata over { notification, iteration } that gives the name.')
  @minLength(1)
  @maxLength(8192)
  iterationName: string
}

@export()
@description('Who puts a training key into the vault: the deployment, which reads it from the account, or an operator, afterwards.')
@discriminator('keyManagement')
type trainingKey = keyFromAccount | keyFromOperator

@sealed()
type keyFromAccount = {
  keyManagement: 'deployment'

  @description('Required. Name of the Custom Vision training account.')
  @minLength(2)
  @maxLength(64)
  account: string

  @description('Optional. Resource group of the account; the one deployed to when left out.')
  resourceGroup: string?

  @description('Optional. Subscription of the account; the one deployed to when left out.')
  subscriptionId: string?

  @description('Optional. Which of the account\'s two keys; key1 when left out. A rotation moves from one to the other.')
  key: ('key1' | 'key2')?
}

@sealed()
type keyFromOperator = {
  keyManagement: 'operator'

  @description('Optional. Resource id of the account, where a private endpoint leads to it or a private storage account admits it.')
  accountId: string?
}

@export()
@description('What a caller may do; what no grant says is refused.')
@sealed()
type grant = {
  @description('Required. "*", "key:CALLER", "function-key", "entra:OBJECT-OR-CLIENT-ID", "webhook:SOURCE" or "training:RESOURCE".')
  @minLength(1)
  @maxLength(128)
  caller: string

  @description('Required. Project ids, or "*".')
  @minLength(1)
  projects: string[]

  @description('Required. Names of resources, or "*".')
  @minLength(1)
  resources: string[]

  @description('Optional. Regular expression that the whole new name must match.')
  @minLength(1)
  @maxLength(1024)
  names: string?

  @description('Required. What is allowed.')
  @minLength(1)
  may: ('rename' | 'read')[]
}

@export()
@description('Who may send deliveries to /webhooks/NAME. A signed source\'s secret is the vault\'s webhook-NAME.')
@sealed()
type webhookSource = {
  @description('Required. How deliveries are signed; a sender of cloud-events or json is a caller like any other instead.')
  scheme: 'standard-webhooks' | 'github' | 'mlflow' | 'hmac' | 'cloud-events' | 'json'

  @description('Required with hmac. The header with the signature.')
  header: string?

  @description('Optional, with hmac. Default sha256.')
  algorithm: ('sha256' | 'sha384' | 'sha512')?

  @description('Optional, with hmac. Default hex.')
  encoding: ('hex' | 'base64')?

  @description('Optional, with hmac. What stands before the signature.')
  prefix: string?

  @description('Required. JSONata from the delivery to { projectId, iterationId, name, resource? }.')
  @minLength(1)
  @maxLength(8192)
  rename: string
}

@export()
@description('How callers show who they are.')
@discriminator('kind')
type callerAuthentication =
  | callerKeyAuthentication
  | entraAuthentication
  | entraAndCallerKeyAuthentication
  | functionKeyAuthentication

@sealed()
type callerKeyAuthentication = {
  kind: 'caller-key'

  @description('Required. Names of the callers that have a key of their own: the vault\'s secret caller-NAME, which the deployment makes.')
  @minLength(1)
  callers: string[]
}

@sealed()
type entraAuthentication = {
  kind: 'entra'

  @description('Required. Tenant that issues the tokens.')
  @minLength(36)
  @maxLength(36)
  tenantId: string

  @description('Required. The audience of the tokens: the app registration\'s client id or its application id URI.')
  @minLength(1)
  @maxLength(256)
  audience: string
}

@sealed()
type entraAndCallerKeyAuthentication = {
  kind: 'entra,caller-key'

  @description('Required. As with "entra".')
  @minLength(36)
  @maxLength(36)
  tenantId: string

  @description('Required. As with "entra".')
  @minLength(1)
  @maxLength(256)
  audience: string

  @description('Required. As with "caller-key".')
  @minLength(1)
  callers: string[]
}

@sealed()
type functionKeyAuthentication = {
  kind: 'function-key'
}

@export()
@description('Whether the app serves its console page, at /console.')
@discriminator('state')
type console = consoleOn | consoleOff

@sealed()
type consoleOn = {
  state: 'on'

  @description('Optional. Public client that signs people in, which npm run register-entra makes; with "entra" or "entra,caller-key" only. Where it is left out, people sign in by a key.')
  @minLength(36)
  @maxLength(36)
  clientId: string?
}

@sealed()
type consoleOff = {
  state: 'off'
}

@export()
@description('Who can reach the app, and how it reaches its own storage and vault. "private-stores": webhooks and internal apps reach the app from anywhere, and only the app reaches the vault and the storage account.')
@discriminator('access')
type network = publicNetwork | privateStoresNetwork | closedNetwork

@sealed()
type publicNetwork = {
  access: 'public'
}

@sealed()
type privateStoresNetwork = {
  access: 'private-stores'

  @description('Required. Where the app sends from, and where the private endpoints are.')
  subnets: subnets

  @description('Required. Who keeps the names of the private endpoints.')
  dnsZones: dnsZones
}

@sealed()
type closedNetwork = {
  access: 'closed'

  @description('Required. Where the app sends from, and where the private endpoints are.')
  subnets: subnets

  @description('Required. Who keeps the names of the private endpoints.')
  dnsZones: dnsZones
}

@export()
@description('A virtual network of the deployment\'s own, or two subnets of one that exists.')
@discriminator('kind')
type subnets = newSubnets | existingSubnets

@sealed()
type newSubnets = {
  kind: 'new'

  @description('Required. Address space of the virtual network, at least a /25, such as 10.20.0.0/24.')
  addressPrefix: string
}

@sealed()
type existingSubnets = {
  kind: 'existing'

  @description('Required. Resource id of the subnet that the app sends from: delegated to Microsoft.App/environments, at least a /27, with a way out to the internet.')
  app: string

  @description('Required. Resource id of the subnet that the private endpoints are put into.')
  endpoints: string
}

@export()
@description('Private DNS zones: made here; existing in a resource group, linked to the network already; or kept elsewhere, say by a policy of the landing zone.')
@discriminator('kind')
type dnsZones = newZones | existingZones | zonesElsewhere

@sealed()
type newZones = {
  kind: 'new'
}

@sealed()
type existingZones = {
  kind: 'existing'

  @description('Required. Resource group of the zones.')
  resourceGroup: string

  @description('Optional. Subscription of the zones; the one deployed to when left out.')
  subscriptionId: string?
}

@sealed()
type zonesElsewhere = {
  kind: 'elsewhere'
}

@export()
@description('How many copies a storage account keeps: three in one place, one in each of three zones, and with G three more in the paired region, which RA lets one read.')
type storageRedundancy =
  | 'Standard_LRS'
  | 'Standard_ZRS'
  | 'Standard_GRS'
  | 'Standard_RAGRS'
  | 'Standard_GZRS'
  | 'Standard_RAGZRS'

@export()
@description('Tags of a resource.')
type tags = { *: string }

@export()
@description('App settings by name. One that is not given is absent, never empty.')
type appSettings = { *: string }

@export()
@description('How fast, how long and how many: the app\'s own limits.')
@sealed()
type limits = {
  @description('Optional. Time for the upstream\'s answer, in seconds.')
  @minValue(1)
  @maxValue(60)
  upstreamTimeoutSeconds: int?

  @description('Optional. Renames a second and instance; the service allows 10 calls a second and resource.')
  @minValue(1)
  @maxValue(1000)
  upstreamMaxRenamesPerSecond: int?

  @description('Optional. How long a training key is used before the vault is asked again, in seconds.')
  @minValue(1)
  @maxValue(86400)
  trainingKeyTtlSeconds: int?

  @description('Optional. Most instances at a time.')
  @minValue(1)
  @maxValue(1000)
  maximumInstanceCount: int?

  @description('Optional. Requests that one instance answers at a time before another one is started. More is cheaper, and slower at the start of a burst.')
  @minValue(1)
  @maxValue(1000)
  requestsPerInstance: int?

  @description('Optional. Instances that always wait for requests, and are paid for all the time; none when left out.')
  @minValue(0)
  @maxValue(100)
  alwaysReadyInstances: int?
}

@export()
@description('Copies of every record and storage log in an account that the app cannot reach, which cannot be changed or deleted for a time.')
@sealed()
type recordExport = {
  @description('Required. How long each copy cannot be changed or deleted, in days. The policy is deployed unlocked; README.md says how to lock it.')
  @minValue(1)
  @maxValue(146000)
  immutableDays: int
}

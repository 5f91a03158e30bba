// What an operator states, as types: a wrong value fails before anything is deployed.

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
  @description('Required. Where its training API is.')
  at: resourceAddress

  @description('Required. Who puts its training key into the vault.')
  trainingKey: trainingKey

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
  @description('Required. Queue that the project\'s notificationQueueUri names; the deployment creates it. Not in a closed network, since Custom Vision writes to it from outside.')
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
}

@export()
@description('What a caller may do; nobody may do what no grant says.')
@sealed()
type grant = {
  @description('Required. "*", "function-key", "entra:OBJECT-OR-CLIENT-ID", "webhook:SOURCE" or "training:RESOURCE".')
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

  @description('Optional, with hmac. The header that every attempt of a delivery repeats.')
  deliveryIdHeader: string?

  @description('Required. JSONata from the delivery to { projectId, iterationId, name, resource? }.')
  @minLength(1)
  @maxLength(8192)
  rename: string
}

@export()
@description('How callers show who they are.')
@discriminator('kind')
type callerAuthentication = entraAuthentication | functionKeyAuthentication

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
type functionKeyAuthentication = {
  kind: 'function-key'
}

@export()
@description('Who can reach the app, and how it reaches its own storage and vault.')
@discriminator('access')
type network = publicNetwork | closedNetwork

@sealed()
type publicNetwork = {
  access: 'public'
}

@sealed()
type closedNetwork = {
  access: 'closed'

  @description('Required. Address space of the virtual network, at least a /25, such as 10.20.0.0/24.')
  addressPrefix: string

  @description('Required. "create" makes the private DNS zones here; "elsewhere" leaves the records to zones that, say, a policy of the landing zone keeps.')
  dnsZones: 'create' | 'elsewhere'
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
}

// What the types cannot say: Bicep has no patterns. Each rule yields a sentence for the author of the value; main.bicep refuses to deploy with any.

import * as types from 'types.bicep'

var letters = 'abcdefghijklmnopqrstuvwxyz'
var digits = '0123456789'
var hexDigits = '0123456789abcdefABCDEF'

@description('Whether every character of a text is one of some.')
func madeOf(text string, characters string) bool =>
  empty(filter(range(0, length(text)), index => !contains(characters, substring(text, index, 1))))

@description('A name in lower case that begins and ends with a letter or digit, with hyphens between.')
func isName(text string, longest int) bool =>
  !empty(text) && length(text) <= longest && madeOf(text, '${letters}${digits}-') && !startsWith(text, '-') && !endsWith(text, '-')

func isUuid(text string) bool =>
  length(text) == 36 && madeOf(text, '${hexDigits}-') && join(map(split(text, '-'), part => string(length(part))), '-') == '8-4-4-4-12'

func isQueueName(text string) bool => isName(text, 56) && length(text) >= 3 && !contains(text, '--')

@export()
@description('A prefix of names that the vault, the storage account and the app can all have.')
func faultsOfName(name string) string[] =>
  isName(name, 24) && contains(letters, take(name, 1)) && !contains(name, '--')
    ? []
    : ['name "${name}": lower-case letters, digits and single hyphens only, beginning with a letter']

// az functionapp list-flexconsumption-locations
var flexConsumptionRegions = [
  'australiaeast'
  'australiasoutheast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'eastus2euap'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'ukwest'
  'westcentralus'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
]

@export()
@description('A region of the public cloud without Flex Consumption; of other clouds nothing is known here.')
func faultsOfRegion(location string) string[] =>
  contains(flexConsumptionRegions, toLower(location)) || startsWith(location, 'usgov') || startsWith(location, 'china')
    ? []
    : ['location "${location}": has no Flex Consumption plan, as far as this template knows']

@export()
func faultsOfResources(resources { *: types.customVisionResource }) string[] =>
  flatten(map(items(resources), resource => faultsOfResource(resource.key, resource.value)))

func faultsOfResource(name string, resource types.customVisionResource) string[] =>
  concat(
    isName(name, 63) ? [] : ['resource "${name}": lower-case letters, digits and hyphens only'],
    resource.?at == null && resource.trainingKey.keyManagement == 'operator'
      ? ['resource "${name}": say where it is (at), since its account is not read']
      : [],
    resource.?at.?kind == 'endpoint' && !startsWith(resource.?at.?endpoint ?? '', 'https://')
      ? ['resource "${name}": its endpoint must begin with https://']
      : [],
    isQueueName(resource.?training.?notificationQueue ?? 'none')
      ? []
      : ['resource "${name}": the queue "${resource.?training.?notificationQueue ?? ''}" is no queue name: 3 to 56 lower-case letters, digits and single hyphens']
  )

@export()
func faultsOfSources(sources { *: types.webhookSource }) string[] =>
  flatten(map(
    items(sources),
    source => isName(source.key, 63) ? [] : ['source "${source.key}": lower-case letters, digits and hyphens only']
  ))

@export()
func faultsOfCallers(callers string[]) string[] =>
  concat(
    map(
      filter(callers, name => !isName(name, 63)),
      name => 'caller "${name}": lower-case letters, digits and hyphens only, at most 63'
    ),
    length(union(callers, [])) < length(callers) ? ['callers: a name is there more than once'] : []
  )

@export()
@description('Nobody could sign in, or by a client that the app does not ask. Left out, there is a page wherever keys are accepted.')
func faultsOfConsole(console types.console?, kind string) string[] =>
  console.?state != 'on'
    ? []
    : concat(
        console.?clientId == null && kind == 'entra'
          ? ['console: nobody can sign in by a token without a clientId: npm run register-entra makes one']
          : [],
        console.?clientId != null && !contains(kind, 'entra')
          ? ['console: a clientId signs people in with callerAuthentication "entra" or "entra,caller-key" only']
          : [],
        isUuid(console.?clientId ?? '00000000-0000-0000-0000-000000000000')
          ? []
          : ['console: the clientId "${console.?clientId ?? ''}" is no client id']
      )

@export()
@description('The platform answers browsers itself; for "*" it would let every page in.')
func faultsOfOrigins(origins string[]) string[] =>
  map(
    filter(origins, origin => !startsWith(origin, 'https://') || contains(skip(origin, 8), '/')),
    origin => 'corsOrigins "${origin}": must be https://HOST, without a path'
  )

@export()
func faultsOfPolicy(grants types.grant[]) string[] =>
  flatten(map(
    grants,
    grant =>
      concat(
        isCaller(grant.caller)
          ? []
          : ['caller "${grant.caller}": must be *, key:CALLER, function-key, entra:OBJECT-OR-CLIENT-ID, webhook:SOURCE or training:RESOURCE'],
        map(
          filter(grant.projects, project => project != '*' && !isUuid(project)),
          project => 'project "${project}" of ${grant.caller}: must be * or a project id'
        )
      )
  ))

func isCaller(caller string) bool =>
  contains(['*', 'function-key'], caller) || (startsWith(caller, 'entra:') && isUuid(skip(caller, 6))) || !empty(filter(
    ['key:', 'webhook:', 'training:'],
    kind => startsWith(caller, kind) && isName(skip(caller, length(kind)), 63)
  ))

@export()
@description('A deployment over zones whose storage is in one place would stop with that place, all the same.')
func faultsOfRedundancy(zoneRedundant bool, redundancy types.storageRedundancy) string[] =>
  zoneRedundant && !contains(redundancy, 'ZRS')
    ? ['storageRedundancy "${redundancy}": zoneRedundant needs one with ZRS, since every rename waits for its record']
    : []

@export()
@description('What a private network must know of a Custom Vision account, and where there must be one.')
func faultsOfNetwork(isPrivate bool, resources { *: types.customVisionResource }) string[] =>
  flatten(map(
    items(resources),
    resource =>
      concat(
        (resource.value.?privateEndpoint ?? false) && !isPrivate
          ? ['resource "${resource.key}": a private endpoint needs a network with access "private-stores" or "closed"']
          : [],
        needsAccount(isPrivate, resource.value) && resource.value.trainingKey.keyManagement == 'operator' && resource.value.trainingKey.?accountId == null
          ? ['resource "${resource.key}": name its account in trainingKey.accountId, which the network must admit']
          : []
      )
  ))

func needsAccount(isPrivate bool, resource types.customVisionResource) bool =>
  (resource.?privateEndpoint ?? false) || (isPrivate && resource.?training != null)

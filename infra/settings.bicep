// The settings that hold JSON, made of the typed parameters.

import * as types from 'types.bicep'

type resourceSetting = {
  region: types.region?
  endpoint: string?
  trainingKeySecret: string
  notificationQueue: string?
  iterationName: string?
}

type webhookSourceSetting = {
  scheme: string
  header: string?
  algorithm: string?
  encoding: string?
  prefix: string?
  secret: string?
  rename: string
}

@export()
@description('CUSTOM_VISION_RESOURCES. The secret with the training key of a resource is called training-key-NAME.')
func resourcesSetting(resources { *: types.customVisionResource }) string =>
  string(toObject(items(resources), resource => resource.key, resource => settingOfResource(resource.key, resource.value)))

func settingOfResource(name string, resource types.customVisionResource) resourceSetting =>
  union(
    resource.?at == null
      ? { endpoint: endpointToRead(name) }
      : resource.at!.kind == 'region' ? { region: resource.at!.region } : { endpoint: resource.at!.endpoint },
    { trainingKeySecret: 'training-key-${name}' },
    resource.?training ?? {}
  )

@export()
@description('Stands in CUSTOM_VISION_RESOURCES until the account is read: an endpoint that cannot exist.')
func endpointToRead(name string) string => 'https://${name}.endpoint-of-account.invalid/'

@export()
@description('ACCESS_POLICY.')
func accessPolicySetting(accessPolicy types.grant[]) string => string(accessPolicy)

@export()
@description('WEBHOOK_SOURCES. The secret of a signed source is called webhook-NAME.')
func webhookSourcesSetting(sources { *: types.webhookSource }) string =>
  string(toObject(items(sources), source => source.key, source => settingOfSource(source.key, source.value)))

@export()
@description('CONSOLE. Empty where the page is as the app has it by itself: where keys are accepted.')
func consoleSetting(console types.console?) string =>
  console.?state == 'off' ? 'off' : console.?clientId == null ? '' : string({ clientId: console.?clientId })

func settingOfSource(name string, source types.webhookSource) webhookSourceSetting =>
  union(source, contains(['cloud-events', 'json'], source.scheme) ? {} : { secret: 'webhook-${name}' })

@export()
@description('Resource id of a Custom Vision account. Where an operator keeps its key it may be unknown.')
func accountIdOf(key types.trainingKey, subscriptionId string, resourceGroupName string) string? =>
  key.keyManagement == 'operator'
    ? key.?accountId
    : resourceId(
        key.?subscriptionId ?? subscriptionId,
        key.?resourceGroup ?? resourceGroupName,
        'Microsoft.CognitiveServices/accounts',
        key.account
      )

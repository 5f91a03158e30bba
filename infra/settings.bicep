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
  deliveryIdHeader: string?
  secret: string?
  rename: string
}

@export()
@description('CUSTOM_VISION_RESOURCES. The secret with the training key of a resource is called training-key-NAME.')
func resourcesSetting(resources { *: types.customVisionResource }) string =>
  string(toObject(items(resources), resource => resource.key, resource => settingOfResource(resource.key, resource.value)))

func settingOfResource(name string, resource types.customVisionResource) resourceSetting =>
  union(
    resource.at.kind == 'region' ? { region: resource.at.region } : { endpoint: resource.at.endpoint },
    { trainingKeySecret: 'training-key-${name}' },
    resource.?training ?? {}
  )

@export()
@description('ACCESS_POLICY.')
func accessPolicySetting(accessPolicy types.grant[]) string => string(accessPolicy)

@export()
@description('WEBHOOK_SOURCES. The secret of a signed source is called webhook-NAME.')
func webhookSourcesSetting(sources { *: types.webhookSource }) string =>
  string(toObject(items(sources), source => source.key, source => settingOfSource(source.key, source.value)))

func settingOfSource(name string, source types.webhookSource) webhookSourceSetting =>
  union(source, contains(['cloud-events', 'json'], source.scheme) ? {} : { secret: 'webhook-${name}' })

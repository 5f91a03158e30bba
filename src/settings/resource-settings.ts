import { regionalEndpoint } from '../custom-vision/regions.ts';
import { secretNameFault } from './secret-name.ts';
import { parseOrigin } from './service-uri.ts';
import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { ResourceSettings, Settings } from './settings.ts';

/** The queue of accepted renames, and the host's queues for poisoned messages. */
const RESERVED_QUEUE = /^renames$|-poison$/;

export function toResources(
  { CUSTOM_VISION_RESOURCES }: ParsedSettings,
  fault: AddFault,
): Settings['resources'] {
  const resources = new Map<string, ResourceSettings>();
  const queues = new Set<string>();
  for (const [givenName, { region, endpoint, ...rest }] of Object.entries(CUSTOM_VISION_RESOURCES)) {
    const { trainingKeySecret, notificationQueue = null, iterationName = null } = rest;
    const name = givenName.toLowerCase();
    const complain = (message: string) => fault('CUSTOM_VISION_RESOURCES', `/${givenName} ${message}`);
    if (resources.has(name)) complain('must not differ from another name in case only');
    const keyFault = secretNameFault(trainingKeySecret);
    if (keyFault !== null) fault('CUSTOM_VISION_RESOURCES', `/${givenName}/trainingKeySecret ${keyFault}`);
    if ((region === undefined) === (endpoint === undefined))
      complain('must have either a region or an endpoint');
    if ((notificationQueue === null) !== (iterationName === null)) {
      complain('must have notificationQueue and iterationName together, or neither');
    }
    if (notificationQueue !== null) {
      if (RESERVED_QUEUE.test(notificationQueue))
        complain('must have a notificationQueue that this app does not use itself');
      if (queues.has(notificationQueue)) complain('must have a notificationQueue that no other resource has');
      queues.add(notificationQueue);
    }
    const url = region === undefined ? parseOrigin(endpoint ?? '', complain) : regionalEndpoint(region);
    if (url !== null)
      resources.set(name, { endpoint: url, trainingKeySecret, notificationQueue, iterationName });
  }
  return resources;
}

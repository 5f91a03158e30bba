import { API_VERSION_PATTERN } from '../custom-vision/api-version.ts';
import type { RoutedResource } from '../custom-vision/choose-resource.ts';
import { iterationNameFaults } from '../rename/iteration-name.ts';
import type { RecheckRename } from '../rename/queued/recheck-rename.ts';
import { isUuid } from '../text/uuid.ts';
import type { AccessPolicy } from './access-policy.ts';

const API_VERSION = new RegExp(API_VERSION_PATTERN);

/**
 * A record that was read back is checked like a request: settings and grants may have changed since it was
 * accepted, and so may the row.
 */
export function createRecheckQueuedRename({
  resources,
  policy,
}: {
  readonly resources: ReadonlyMap<string, RoutedResource>;
  readonly policy: Pick<AccessPolicy, 'allowsRename'>;
}): RecheckRename {
  return function recheckQueuedRename(intent, parties) {
    const { resource, endpointHost, apiVersion, projectId, iterationId, requestedName: name } = intent;
    const { caller, trigger } = intent;
    const found = resources.get(resource);
    if (found === undefined) return `The resource ${resource} is no longer in the settings.`;
    if (found.endpoint.host !== endpointHost) return `The resource ${resource} has another endpoint now.`;
    const isSound =
      API_VERSION.test(apiVersion) &&
      isUuid(projectId) &&
      isUuid(iterationId) &&
      iterationNameFaults(name).length === 0 &&
      caller.kind === trigger &&
      parties.some((ids) => ids.includes(caller.id));
    if (!isSound) return 'The record is not a rename that could have been accepted.';
    const denied = parties.find((ids) => !policy.allowsRename(ids, { projectId, resource, name }));
    return denied === undefined ? null : `No grant allows ${denied[0] ?? caller.id} this rename any more.`;
  };
}

import type { RoutedResource } from '../custom-vision/choose-resource.ts';
import type { AuditRecord } from '../rename/audit-record.ts';
import type { RenameCommand } from '../rename/rename-command.ts';
import { undoOf } from '../rename/undo-of.ts';
import { newNameIn } from './new-name.ts';
import { RequestError } from './request-error.ts';

/**
 * The rename that undoes a recorded one: to its previous name, where the present settings send it. Throws a
 * `RequestError`, or a `RenameError` where the record tells nothing to undo.
 */
export function undoRequestOf(
  record: AuditRecord,
  resources: ReadonlyMap<string, RoutedResource>,
): Pick<RenameCommand, 'request' | 'undoes'> {
  const { resource, apiVersion, projectId, iterationId } = record;
  const { undoes, name: previousName } = undoOf(record);
  const found = resources.get(resource);
  if (found === undefined) {
    throw new RequestError('unknown_resource', "This proxy no longer serves the rename's resource.");
  }
  // The portal may have taken a name that this proxy would not.
  const name = newNameIn({ name: previousName });
  const endpointHost = found.endpoint.host;
  return { request: { resource, endpointHost, apiVersion, projectId, iterationId, name }, undoes };
}

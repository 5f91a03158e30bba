import { connectionStringFault } from './connection-string.ts';
import { checkServiceUri } from './service-uri.ts';
import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { StorageConnection } from './settings.ts';

export function toStorage(parsed: ParsedSettings, fault: AddFault): StorageConnection {
  const { RENAME_STORAGE: connectionString, RENAME_STORAGE__tableServiceUri: tableServiceUri } = parsed;
  const { RENAME_STORAGE__queueServiceUri: queueServiceUri } = parsed;
  if (connectionString !== undefined && tableServiceUri !== undefined) {
    fault('RENAME_STORAGE', ' and RENAME_STORAGE__tableServiceUri exclude each other');
  }
  if (tableServiceUri === undefined) {
    if (connectionString === undefined)
      fault('RENAME_STORAGE', ' or RENAME_STORAGE__tableServiceUri is required');
    const mistake = connectionString === undefined ? null : connectionStringFault(connectionString);
    if (mistake !== null) fault('RENAME_STORAGE', ` ${mistake}`);
    return { kind: 'connection-string', connectionString: connectionString ?? '' };
  }
  checkServiceUri(tableServiceUri, (message) => fault('RENAME_STORAGE__tableServiceUri', ` ${message}`));
  if (queueServiceUri === undefined) {
    fault('RENAME_STORAGE__queueServiceUri', ' is required with RENAME_STORAGE__tableServiceUri');
  } else {
    checkServiceUri(queueServiceUri, (message) => fault('RENAME_STORAGE__queueServiceUri', ` ${message}`));
  }
  return {
    kind: 'managed-identity',
    tableServiceUri,
    queueServiceUri: queueServiceUri ?? '',
    clientId: parsed.RENAME_STORAGE__clientId ?? parsed.AZURE_CLIENT_ID ?? null,
  };
}

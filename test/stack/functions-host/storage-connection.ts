import type { QueueServiceClient } from '@azure/storage-queue';

/**
 * The queue service that a binding's `connection` names, by the convention of the Functions extensions:
 * `NAME` (or `AzureWebJobsNAME`) is a connection string, or `NAME__queueServiceUri` goes with a managed
 * identity (`NAME__clientId` for a user-assigned one). The SDKs load only here: most starts of the host need
 * none.
 */
export async function queueServiceOf(
  connection: string,
  settings: NodeJS.Dict<string>,
): Promise<QueueServiceClient> {
  const { QueueServiceClient } = await import('@azure/storage-queue');
  for (const name of [connection, `AzureWebJobs${connection}`]) {
    const connectionString = settings[name];
    if (connectionString !== undefined && connectionString !== '')
      return QueueServiceClient.fromConnectionString(connectionString);
    const uri = settings[`${name}__queueServiceUri`];
    if (uri !== undefined) {
      const { ManagedIdentityCredential } = await import('@azure/identity');
      const clientId = settings[`${name}__clientId`];
      return new QueueServiceClient(
        uri,
        clientId === undefined
          ? new ManagedIdentityCredential()
          : new ManagedIdentityCredential({ clientId }),
      );
    }
  }
  throw new Error(
    `Storage connection '${connection}' is not configured: neither ${connection} nor ${connection}__queueServiceUri is set.`,
  );
}

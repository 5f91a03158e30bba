import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';

const TABLE_NAME = 'renames';
/** Few and quick: each step is bounded at 5 s in all, and a caller is waiting. */
const RETRIES = { maxRetries: 2, retryDelayInMs: 100, maxRetryDelayInMs: 800 } as const;
/** The SDK would carry rows and token to whatever host a redirect names. */
const REDIRECTS = { maxRetries: 0 } as const;

export type TableConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | {
      readonly kind: 'managed-identity';
      readonly tableServiceUri: string;
      readonly credential: TokenCredential;
    };

export function createTableClient(connection: TableConnection): TableClient {
  return connection.kind === 'connection-string'
    ? TableClient.fromConnectionString(connection.connectionString, TABLE_NAME, {
        retryOptions: RETRIES,
        redirectOptions: REDIRECTS,
        allowInsecureConnection: true, // Azurite on loopback; a connection string for the cloud says https itself
      })
    : new TableClient(connection.tableServiceUri, TABLE_NAME, connection.credential, {
        retryOptions: RETRIES,
        redirectOptions: REDIRECTS,
      });
}

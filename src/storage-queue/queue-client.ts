import type { TokenCredential } from '@azure/identity';
import { QueueClient } from '@azure/storage-queue';

/** Of the queue whose messages the function `carry-out-rename` takes. */
export const RENAMES_QUEUE = 'renames';
/** The setting, or the beginning of the settings, that queue triggers connect by. */
export const STORAGE_CONNECTION = 'RENAME_STORAGE';
/** Few and quick: each step is bounded at 5 s in all, and a sender is waiting. */
const RETRIES = { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 800 } as const;

/** The SDK would carry messages and credential to wherever a redirect leads. Its types do not know this option, which its pipeline obeys. */
const REDIRECTS = { maxRetries: 0 } as const;

export type QueueConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | {
      readonly kind: 'managed-identity';
      readonly queueServiceUri: string;
      readonly credential: TokenCredential;
    };

export function createQueueClient(connection: QueueConnection, queueName: string): QueueClient {
  const options = { retryOptions: RETRIES, redirectOptions: REDIRECTS };
  return connection.kind === 'connection-string'
    ? new QueueClient(connection.connectionString, queueName, options)
    : new QueueClient(
        `${connection.queueServiceUri.replace(/\/$/, '')}/${queueName}`,
        connection.credential,
        options,
      );
}

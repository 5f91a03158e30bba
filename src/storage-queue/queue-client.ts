import type { TokenCredential } from '@azure/identity';
import { QueueClient } from '@azure/storage-queue';

/** Few and quick: a sender waits, and each step is bounded at 5 s, retries included. */
const RETRIES = { maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 800 } as const;

/**
 * Without this the SDK sends messages and credential to the target of a redirect. Its types lack the option;
 * its pipeline obeys it.
 */
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

import type { Grant } from '../callers/access-policy.ts';
import type { UpstreamResource } from '../custom-vision/upstream-client.ts';

export interface ResourceSettings extends UpstreamResource {
  readonly notificationQueue: string | null;
  readonly iterationName: string | null;
}

export interface WebhookSource {
  readonly scheme: 'standard-webhooks' | 'github' | 'mlflow' | 'cloud-events';
  readonly secret: string | null;
  readonly rename: string;
}

export type StorageConnection =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | {
      readonly kind: 'managed-identity';
      readonly tableServiceUri: string;
      readonly queueServiceUri: string;
      readonly clientId: string | null;
    };

export interface EntraTenant {
  readonly tenantId: string;
  readonly audience: string;
  readonly authority: string;
}

export interface CallerAuthentication {
  readonly kind: 'caller-key' | 'entra' | 'entra,caller-key' | 'function-key';
  /** Null where tokens are not accepted. */
  readonly entra: EntraTenant | null;
  /** The names of the callers with a key, in lower case; null where caller keys are not accepted. */
  readonly callerKeys: ReadonlySet<string> | null;
}

export interface Settings {
  readonly resources: ReadonlyMap<string, ResourceSettings>;
  readonly keyVaultUri: string;
  readonly clientId: string | null;
  readonly storage: StorageConnection;
  readonly callerAuthentication: CallerAuthentication;
  readonly accessPolicy: readonly Grant[];
  readonly webhookSources: ReadonlyMap<string, WebhookSource>;
  readonly upstreamTimeoutMs: number;
  readonly upstreamMaxRenamesPerSecond: number;
  readonly trainingKeyTtlMs: number;
}

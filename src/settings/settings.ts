import type { Grant } from '../callers/access-policy.ts';
import type { UpstreamResource } from '../custom-vision/keyed-call.ts';
import type { ConsoleSettings } from '../http/console-page.ts';
import type { SignedSource } from '../webhooks/verify-delivery.ts';

export interface ResourceSettings extends UpstreamResource {
  readonly notificationQueue: string | null;
  readonly iterationName: string | null;
}

/** Its sender signs, or it is a caller like any other. */
export type WebhookSource = (
  | SignedSource
  | { readonly scheme: 'cloud-events'; readonly secret: null }
  | { readonly scheme: 'json'; readonly secret: null }
) & {
  readonly rename: string;
};

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
  /** Null where the app serves no console page. */
  readonly console: ConsoleSettings | null;
  readonly accessPolicy: readonly Grant[];
  readonly webhookSources: ReadonlyMap<string, WebhookSource>;
  readonly upstreamTimeoutMs: number;
  readonly upstreamMaxRenamesPerSecond: number;
  readonly trainingKeyTtlMs: number;
}

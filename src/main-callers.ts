import type { Authenticate } from './callers/authenticate.ts';
import { callerSecretName, parseCallerSecret } from './callers/caller-key.ts';
import { createCallerKeyAuthentication } from './callers/caller-key-authentication.ts';
import { createEntraKeySet } from './callers/entra-key-set.ts';
import { createEntraAuthentication } from './callers/entra.ts';
import { createFetchKeySet } from './callers/fetch-key-set.ts';
import { createFunctionKeyAuthentication } from './callers/function-key.ts';
import { createTokenOrKeyAuthentication } from './callers/token-or-key.ts';
import { createCachedSecrets, type GetSecret, type KeyVaultEvent } from './key-vault/cached-secrets.ts';
import type { EntraTenant, Settings } from './settings/settings.ts';

/** What `main.ts` has composed already. */
interface Composed {
  readonly getSecret: GetSecret;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly report: (event: KeyVaultEvent) => void;
}

/** The part of the composition root that decides how callers show who they are. */
export function createAuthentication(
  { callerAuthentication: { entra, callerKeys }, trainingKeyTtlMs }: Settings,
  composed: Composed,
): { readonly authLevel: 'anonymous' | 'function'; readonly authenticate: Authenticate } {
  const byToken = entra === null ? null : authenticateByToken(entra, composed.now);
  const byKey = callerKeys === null ? null : authenticateByKey(callerKeys, trainingKeyTtlMs, composed);
  if (byToken !== null && byKey !== null) {
    return { authLevel: 'anonymous', authenticate: createTokenOrKeyAuthentication({ byToken, byKey }) };
  }
  const authenticate = byToken ?? byKey;
  if (authenticate !== null) return { authLevel: 'anonymous', authenticate };
  return { authLevel: 'function', authenticate: createFunctionKeyAuthentication() };
}

function authenticateByToken(tenant: EntraTenant, now: () => number): Authenticate {
  const keySet = createEntraKeySet({ fetchKeySet: createFetchKeySet(tenant), now });
  keySet.refresh().catch(() => {}); // warm-up: if it fails, the first request fetches again
  return createEntraAuthentication({ ...tenant, keySet, now });
}

function authenticateByKey(names: ReadonlySet<string>, ttlMs: number, composed: Composed): Authenticate {
  const secrets = createCachedSecrets({
    ...composed,
    parse: parseCallerSecret,
    expected:
      'caller key: one line NAME.SECRET, or two during a rotation, of this name and with at least 32 characters of base64url as SECRET',
    ttlMs,
  });
  for (const name of names) secrets.get(callerSecretName(name)).catch(() => {}); // warm-up
  return createCallerKeyAuthentication({ ...composed, names, secrets });
}

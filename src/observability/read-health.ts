/**
 * What there is of each dependency of a rename, as the public answer names them: without host or resource.
 * Only an app with webhook sources or trained iterations to name has expressions.
 */
export interface OfDependencies<T> {
  readonly keyVault: T;
  readonly auditTable: T;
  readonly customVision: T;
  readonly expressions?: T;
}

export interface Health {
  readonly status: 'ready' | 'not_ready';
  readonly checks: OfDependencies<'ok' | 'failing'>;
}

/** Resolves where the dependency is available; rejects, or takes too long, where it is not. */
export type Check = () => Promise<unknown>;

/** However often it is polled, the app asks each dependency at most six times a minute. */
const CACHED_FOR_MS = 10_000;
const CHECK_TIMEOUT_MS = 2000;

/** Checks all dependencies at once. Calls during the check and soon after share the result. */
export function createReadHealth({
  checks,
  now,
  sleep,
}: {
  readonly checks: OfDependencies<Check>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): () => Promise<Health> {
  let latest: { readonly health: Promise<Health>; readonly sinceMs: number } | null = null;

  return function readHealth() {
    if (latest === null || now() - latest.sinceMs >= CACHED_FOR_MS) {
      latest = { health: look(), sinceMs: now() };
    }
    return latest.health;
  };

  async function look(): Promise<Health> {
    const [keyVault, auditTable, customVision, expressions] = await Promise.all([
      stateOf(checks.keyVault),
      stateOf(checks.auditTable),
      stateOf(checks.customVision),
      ...(checks.expressions === undefined ? [] : [stateOf(checks.expressions)]),
    ]);
    const states = {
      keyVault,
      auditTable,
      customVision,
      ...(expressions === undefined ? {} : { expressions }),
    };
    const isReady = Object.values(states).every((state) => state === 'ok');
    return { status: isReady ? 'ready' : 'not_ready', checks: states };
  }

  async function stateOf(check: Check): Promise<'ok' | 'failing'> {
    const inTime = sleep(CHECK_TIMEOUT_MS).then(() => 'failing' as const);
    const checked = check().then(
      () => 'ok' as const,
      () => 'failing' as const,
    );
    return Promise.race([checked, inTime]);
  }
}

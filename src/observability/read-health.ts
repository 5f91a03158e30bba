/** The dependencies of a rename, by the names that the answer uses: no stranger learns a host or a resource from them. */
export type Dependency = 'keyVault' | 'auditTable' | 'customVision';

export interface Health {
  readonly status: 'ready' | 'not_ready';
  readonly checks: Readonly<Record<Dependency, 'ok' | 'failing'>>;
}

/** Resolves where the dependency is of use just now; rejects, or takes too long, where it is not. */
export type Check = () => Promise<unknown>;

/** So that any amount of polling asks each dependency at most six times a minute. */
const CACHED_FOR_MS = 10_000;
const CHECK_TIMEOUT_MS = 2000;

/** Looks at all dependencies at once; whoever asks meanwhile, or soon after, shares the result. */
export function createReadHealth({
  checks,
  now,
  sleep,
}: {
  readonly checks: Readonly<Record<Dependency, Check>>;
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
    const [keyVault, auditTable, customVision] = await Promise.all([
      stateOf(checks.keyVault),
      stateOf(checks.auditTable),
      stateOf(checks.customVision),
    ]);
    const isReady = [keyVault, auditTable, customVision].every((state) => state === 'ok');
    return { status: isReady ? 'ready' : 'not_ready', checks: { keyVault, auditTable, customVision } };
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

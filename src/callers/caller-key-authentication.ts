import { isObject } from '../json/is-object.ts';
import type { AuthenticatedCaller, Authenticate } from './authenticate.ts';
import { CallerError } from './caller-error.ts';
import {
  type CallerKey,
  type CallerSecret,
  callerSecretName,
  isKeyOf,
  parseCallerKey,
} from './caller-key.ts';

/** Where every Custom Vision client sends its training key. */
const HEADER = 'training-key';
export const CALLER_KEY_CHALLENGE = 'Training-Key realm="custom-vision-rename-proxy"';
/** A wrong key may be a new one, so the vault is asked; but anyone can send wrong keys. */
const ASK_AGAIN_AFTER_MS = 30_000;
/** A slow vault is not waited for any longer: its answer serves the next request. */
const MAX_ASKING_MS = 500;
/** As long as a vault usually takes, until one was asked. */
const USUAL_ASKING_MS = 30;
/** The names that wrong keys came with lately. */
const MAX_NAMES = 10_000;

/** The callers' keys in the vault, as this folder needs them. */
export interface CallerSecrets {
  get(secretName: string): Promise<CallerSecret>;
  replacementFor(
    secretName: string,
    isOutdated: (cached: CallerSecret, ageMs: number) => boolean,
  ): Promise<CallerSecret>;
}

/**
 * Identifies a caller by its own key. A name of no caller costs no call to the vault, and takes as long as
 * one that somebody has.
 */
export function createCallerKeyAuthentication({
  names,
  secrets,
  now,
  sleep,
}: {
  /** In lower case. */
  readonly names: ReadonlySet<string>;
  readonly secrets: CallerSecrets;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}): Authenticate {
  const askedAtMs = new Map<string, number>();
  /** Callers of whom the vault has no key. */
  const withoutKey = new Set<string>();
  let askingTookMs = USUAL_ASKING_MS;

  return async function authenticateByKey({ header }) {
    const shown = header(HEADER);
    if (shown === null) throw refuseKey('no_caller_key');
    const key = parseCallerKey(shown);
    if (key === null) throw refuseKey('malformed_caller_key');
    const secret = names.has(key.name) ? await secretOf(key.name) : null;
    if (isKeyOf(secret, key) || (await isNewKey(key, secret))) return callerOf(key.name);
    throw refuseKey(names.has(key.name) ? 'wrong_caller_key' : 'unknown_caller');
  };

  /** Null where the vault has none. */
  async function secretOf(name: string): Promise<CallerSecret | null> {
    if (withoutKey.has(name) && !mayAsk(name)) return null;
    try {
      const secret = await secrets.get(callerSecretName(name));
      withoutKey.delete(name);
      return secret;
    } catch (error) {
      if (isRefusal(error)) {
        withoutKey.add(name);
        remember(name);
        return null;
      }
      throw new CallerError('issuer_unavailable', 'caller_key_unavailable', { cause: error });
    }
  }

  async function isNewKey(key: CallerKey, known: CallerSecret | null): Promise<boolean> {
    const { name } = key;
    if (!mayAsk(name)) return false;
    remember(name);
    if (!names.has(name)) {
      await sleep(askingTookMs); // or the time of the answer would tell which names there are
      return false;
    }
    const startedMs = now();
    const asked = secrets
      .replacementFor(callerSecretName(name), (cached) => cached === known)
      .catch(() => known);
    const newest = await Promise.race([asked, sleep(MAX_ASKING_MS).then(() => known)]);
    askingTookMs = now() - startedMs;
    return isKeyOf(newest, key);
  }

  function mayAsk(name: string): boolean {
    return now() - (askedAtMs.get(name) ?? Number.NEGATIVE_INFINITY) >= ASK_AGAIN_AFTER_MS;
  }

  function remember(name: string): void {
    askedAtMs.delete(name);
    askedAtMs.set(name, now());
    const [oldest] = askedAtMs.keys();
    if (askedAtMs.size > MAX_NAMES && oldest !== undefined) askedAtMs.delete(oldest);
  }
}

function callerOf(name: string): AuthenticatedCaller {
  const id = `key:${name}`;
  return {
    caller: { kind: 'caller-key', id, name: null },
    ids: [id],
    permissions: new Set(['rename', 'read'] as const),
  };
}

function refuseKey(reason: string): CallerError {
  return new CallerError('unauthenticated', reason, { challenge: CALLER_KEY_CHALLENGE });
}

function isRefusal(error: unknown): boolean {
  return isObject(error) && error['isRefusal'] === true;
}

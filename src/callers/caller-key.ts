import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** `NAME.SECRET`. No comma, which joins repeated headers. At least 192 bits of base64url. */
const CALLER_KEY = /^([a-z0-9][a-z0-9-]{0,62})\.[\w-]{32,256}$/i;
const MAX_KEYS = 2;

/** A caller key as it was shown. The key itself is not kept. */
export interface CallerKey {
  /** In lower case. */
  readonly name: string;
  readonly digest: Buffer;
}

/** The keys that one caller may show, as digests: one, or two while they are rotated. */
export interface CallerSecret {
  readonly digests: readonly Buffer[];
}

/** Null where the text cannot be a caller key. */
export function parseCallerKey(text: string): CallerKey | null {
  const name = CALLER_KEY.exec(text)?.[1];
  if (name === undefined) return null;
  return { name: name.toLowerCase(), digest: createHash('sha256').update(text).digest() };
}

/** Names the secret in the vault that holds a caller's keys. */
export function callerSecretName(name: string): string {
  return `caller-${name}`;
}

/** One key per line. Null where there is none, or any is too weak or of another name. */
export function parseCallerSecret(secretValue: string | undefined, secretName: string): CallerSecret | null {
  const lines = (secretValue ?? '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const digests = lines.flatMap((line) => {
    const key = parseCallerKey(line);
    return key !== null && callerSecretName(key.name) === secretName ? [key.digest] : [];
  });
  if (digests.length === 0 || digests.length > MAX_KEYS || digests.length < lines.length) return null;
  return { digests };
}

/** Stands where a caller has no key, or one only: no key has this digest. */
const NO_DIGEST = randomBytes(32);

/** Takes the same time whatever the caller has, and whether or not it has any key. */
export function isKeyOf(secret: CallerSecret | null, { digest }: CallerKey): boolean {
  let matches = false;
  for (let index = 0; index < MAX_KEYS; index += 1) {
    if (timingSafeEqual(digest, secret?.digests[index] ?? NO_DIGEST)) matches = true;
  }
  return matches;
}

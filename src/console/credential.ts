import type { SignInMethod } from './console-settings.ts';

/** What the page shows to the proxy. It lives in this object alone: signing out drops the object. */
export interface Credential {
  readonly method: SignInMethod;
  /** Who signed in, as records name the caller; for people to read. */
  readonly who: string;
  /** `isRenewed`: the last token was refused, so one from the cache will not do. */
  headers(options: { isRenewed: boolean }): Promise<Record<string, string>>;
}

/** Only a person can go on: the token has expired, and no new one comes without a sign-in. */
export class SignInNeeded extends Error {
  override readonly name = 'SignInNeeded';
}

/** The authority, or the person, said no; or no window could be opened. `message` says which. */
export class SignInRefused extends Error {
  override readonly name = 'SignInRefused';
}

/** `NAME.SECRET`; the name is no secret: each record shows it. */
const CALLER_KEY = /^([A-Za-z0-9-]+)\.[\w-]+$/;

export function createCallerKeyCredential(key: string): Credential {
  const [, name] = CALLER_KEY.exec(key) ?? [];
  return {
    method: 'caller-key',
    who: name === undefined ? 'caller key' : `key:${name}`,
    headers: () => Promise.resolve({ 'Training-Key': key }),
  };
}

export function createFunctionKeyCredential(key: string): Credential {
  return {
    method: 'function-key',
    who: 'function-key',
    headers: () => Promise.resolve({ 'x-functions-key': key }),
  };
}

/** Why `key` cannot be sent as a header; null where it can. */
export function keyFault(key: string): string | null {
  if (key === '') return 'Paste the key first.';
  return /^[\x21-\x7E]+$/.test(key) ? null : 'A key has no spaces, and no letters beyond ASCII.';
}

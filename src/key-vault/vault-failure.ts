/** A secret outside the dates that its owner has set: the vault hands it out all the same. */
export class SecretOutOfDate extends Error {
  override readonly name = 'SecretOutOfDate';
  readonly code: 'SecretExpired' | 'SecretNotYetValid';
  readonly statusCode = 403;

  constructor(code: SecretOutOfDate['code']) {
    super(code);
    this.code = code;
  }
}

export interface VaultFailure {
  readonly reason: string;
  /** The vault said no: the secret is disabled, deleted or out of date, or a role or firewall forbids it. */
  readonly isRefusal: boolean;
}

/** No token, too slow, too often: about the way to the vault, not about the secret. */
const NOT_ABOUT_THE_SECRET = new Set([401, 408, 429]);

/**
 * Name, codes and status only: the SDK's message quotes malformed JSON from the vault, with any secret in it.
 */
export function describeVaultFailure(error: unknown): VaultFailure {
  if (!(error instanceof Error)) return { reason: 'unknown', isRefusal: false };
  const status = property(error, 'statusCode');
  const inner = property(property(property(error, 'details'), 'error'), 'innerError');
  const words = [error.name, property(error, 'code'), property(inner, 'code')];
  return {
    // The codes come from the vault: letters only, because a key has digits too.
    reason: [
      ...words.filter((word) => typeof word === 'string' && /^[A-Za-z_]{1,40}$/.test(word)),
      ...(typeof status === 'number' ? [status] : []),
    ].join(' '),
    isRefusal:
      typeof status === 'number' && status >= 400 && status < 500 && !NOT_ABOUT_THE_SECRET.has(status),
  };
}

function property(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}

import type { Authenticate } from './authenticate.ts';
import { CALLER_KEY_CHALLENGE } from './caller-key-authentication.ts';
import { CallerError } from './caller-error.ts';

/**
 * A request with an `Authorization` header is judged by its token alone; one without it by its caller key. A
 * refusal names both ways.
 */
export function createTokenOrKeyAuthentication({
  byToken,
  byKey,
}: {
  readonly byToken: Authenticate;
  readonly byKey: Authenticate;
}): Authenticate {
  return async function authenticateEither(credentials) {
    const hasToken = credentials.header('authorization') !== null;
    const isAnonymous = !hasToken && credentials.header('training-key') === null;
    try {
      return await (hasToken || isAnonymous ? byToken : byKey)(credentials);
    } catch (error) {
      if (!(error instanceof CallerError) || !isAnonymous) throw error;
      const challenge = `${error.challenge}, ${CALLER_KEY_CHALLENGE}`;
      throw new CallerError(error.code, error.reason, { challenge });
    }
  };
}

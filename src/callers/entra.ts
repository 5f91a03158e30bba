import type { Authenticate } from './authenticate.ts';
import { CallerError } from './caller-error.ts';

/** Refuses everybody: no token can be verified yet. */
export function createEntraAuthentication(): Authenticate {
  return () => Promise.reject(new CallerError('unauthenticated', 'no_verification'));
}

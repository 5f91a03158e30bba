import type { Caller } from '../rename/audit-record.ts';

export type Permission = 'rename' | 'read';

/** Where a request carries its credential. */
export interface Credentials {
  readonly header: (name: string) => string | null;
}

export interface AuthenticatedCaller {
  /** As the audit record names it. */
  readonly caller: Caller;
  /** Every id by which a grant may name this caller. */
  readonly ids: readonly string[];
  /** What the credential itself allows; the access policy narrows it. */
  readonly permissions: ReadonlySet<Permission>;
}

/** Identifies the caller. Throws a `CallerError`. */
export type Authenticate = (credentials: Credentials) => Promise<AuthenticatedCaller>;

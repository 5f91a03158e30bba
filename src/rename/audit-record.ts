/** Where a caller's identity comes from; `function-key` and `webhook` callers are systems, not people. */
export type CallerKind =
  | 'caller-key'
  | 'entra-application'
  | 'entra-user'
  | 'function-key'
  | 'webhook'
  | 'training';

/**
 * Who asked for a rename. `id` is what grants name (`key:{name}`, `entra:{oid}`, `webhook:{source}`, ...);
 * `name` is a claim for people to read, never used for a decision.
 */
export interface Caller {
  readonly kind: CallerKind;
  readonly id: string;
  readonly name: string | null;
}

export type Trigger = 'http' | 'webhook' | 'training';

/**
 * `pending` is the only state that is not final, apart from an `unresolved` that an operator settles by hand.
 */
export type RenameStatus = 'pending' | 'succeeded' | 'rejected' | 'not_applied' | 'unresolved';

/** One iteration of one project on one Custom Vision resource; both ids are lower-case UUIDs. */
export interface IterationRef {
  readonly resource: string;
  readonly projectId: string;
  readonly iterationId: string;
}

/** What is known of a rename before anything is sent upstream. */
export interface RenameIntent extends IterationRef {
  readonly renameId: string;
  readonly endpointHost: string;
  readonly apiVersion: string;
  readonly requestedName: string;
  readonly caller: Caller;
  readonly trigger: Trigger;
  readonly traceId: string | null;
  /** ISO 8601, UTC, milliseconds. */
  readonly requestedAt: string;
  /**
   * The earlier record that this attempt stands in for: the same idempotency key, proved to have changed
   * nothing.
   */
  readonly replaces: string | null;
  /** The record of the rename whose previous name this one gives back; null where it is no undo. */
  readonly undoes: string | null;
}

/**
 * How a rename ended. `evidence` says what it was judged by: the upstream's answer, or the iteration's state
 * read later.
 */
export interface RenameOutcome {
  readonly status: Exclude<RenameStatus, 'pending'>;
  /**
   * As read while the rename was begun, where that was in time; so another one that ended in that very moment
   * may have come between. Where the reading proves nothing, what the newest succeeded record gave.
   */
  readonly previousName: string | null;
  /** Where the service wrote the name in another form than was requested. */
  readonly appliedName: string | null;
  readonly completedAt: string;
  readonly durationMs: number;
  /** PATCH requests sent; null where only the state was read, by someone else than the sender. */
  readonly attempts: number | null;
  readonly upstreamStatus: number | null;
  readonly upstreamCode: string | null;
  readonly upstreamMessage: string | null;
  readonly upstreamRequestId: string | null;
  readonly evidence: 'response' | 'state' | null;
}

/** The audit record of one rename, as the table keeps it and `GET /projects/{projectId}/renames` shows it. */
export type AuditRecord = RenameIntent & (typeof PENDING | RenameOutcome);

/** What the record of a rename says of its outcome before there is one. */
export const PENDING = {
  status: 'pending',
  previousName: null,
  appliedName: null,
  completedAt: null,
  durationMs: null,
  attempts: null,
  upstreamStatus: null,
  upstreamCode: null,
  upstreamMessage: null,
  upstreamRequestId: null,
  evidence: null,
} as const satisfies { readonly [K in Exclude<keyof RenameOutcome, 'status'>]: null } & {
  readonly status: 'pending';
};

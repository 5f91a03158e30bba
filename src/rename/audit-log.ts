import type { AuditRecord, IterationRef, RenameIntent, RenameOutcome } from './audit-record.ts';
import type { RenamedIteration, SeenIteration } from './upstream.ts';

/** Equal claims mean the same rename. */
export interface IdempotencyClaim {
  readonly callerId: string;
  /** Null for the implied key of a request that brings none: it is made of caller and payload. */
  readonly key: string | null;
  /** What the rename asks for, as text: two claims with equal keys must agree in it. */
  readonly payload: string;
}

/** What an earlier request with the same key left behind. */
export interface ExistingClaim {
  readonly samePayload: boolean;
  readonly record: AuditRecord;
  /** The lease of a record that is pending. */
  readonly lease: Lease | null;
  /** The upstream's answer, where the rename succeeded and the answer was fit to be kept. */
  readonly iteration: RenamedIteration | null;
  /** An implied key lives at most ten minutes. */
  readonly isExpired: boolean;
  readonly rowKey: string;
  /** The claim's version: only the request that has seen the newest may take the key over. */
  readonly version: string;
}

/**
 * The right to work on an iteration. Times are of the reader's monotonic clock, derived from the table's own.
 */
export interface Lease {
  readonly projectId: string;
  readonly iterationId: string;
  readonly renameId: string;
  /** The settings' name of the resource; null where the row does not tell. */
  readonly resource: string | null;
  /**
   * At the latest. From then on the rename may be settled by anyone; a released lease has expired when it was
   * written.
   */
  readonly expiresAtMs: number;
  readonly writtenAtMs: number;
  readonly isReleased: boolean;
  /** The error code of an attempt without an answer, or of a queued rename's last attempt. */
  readonly lastFailure: string | null;
}

/** What the lock's row says of a pending rename beside its lease. */
export interface LeaseNotes {
  readonly lastFailure: string | null;
  /** The iteration as it was read before the rename was sent. */
  readonly before: SeenIteration | null;
}

/** A pending record with its version: a step on it fails where another process has taken one since. */
export interface PendingRename {
  readonly intent: RenameIntent;
  readonly version: string;
  readonly lease: Lease & LeaseNotes;
  /** The lease was written no earlier than this, on the reader's monotonic clock. */
  readonly begunAfterMs: number;
  /** A queued rename whose message was given up is settled, never sent again. */
  readonly isGivenUp: boolean;
  /** How long looks at the iteration have failed, on the table's clock; null where none has. */
  readonly unreadableForMs: number | null;
  /** Of a queued rename: whom the access policy must grant it, each with every id that a grant may name. */
  readonly parties: readonly (readonly string[])[];
  /** Where the idempotency key's claim stands. */
  readonly claim: { readonly rowKey: string; readonly isImplied: boolean } | null;
}

export type BeginResult =
  /**
   * `contended`: another rename of the iteration has ended meanwhile, so a reading made before may be
   * outdated.
   */
  | { readonly kind: 'begun'; readonly pending: PendingRename; readonly contended: boolean }
  | { readonly kind: 'locked'; readonly lease: Lease }
  | { readonly kind: 'claimed'; readonly claim: ExistingClaim };

/** What is kept of a completed rename beside its record. */
export interface Completion {
  /** The upstream's answer, or the iteration as a look showed it. */
  readonly iteration: RenamedIteration | null;
  /** True where the caller gets an answer below 500 now: that ends an implied key. */
  readonly callerIsAnswered: boolean;
}

/** The audit log as the core needs it. Each method is one step that happens wholly or not at all. */
export interface AuditLog {
  /**
   * Writes the record, its copy, the lock and the claim, or nothing. `released` is an earlier claim on the
   * same key that is to be taken over. Throws where it cannot be known that the record stands.
   */
  begin(
    intent: RenameIntent,
    claim: IdempotencyClaim,
    released: ExistingClaim | null,
    leaseMs: number,
  ): Promise<BeginResult>;
  /**
   * Starts the lease anew: from then on no process that read the rename before can complete it. Null where
   * one has been quicker.
   */
  renewLease(
    pending: PendingRename,
    lease: { readonly durationMs: number; readonly before: SeenIteration | null },
  ): Promise<PendingRename | null>;
  /**
   * Ends the lease of a queued rename that provably changed nothing: available immediately. False where
   * another process has been quicker.
   */
  release(pending: PendingRename, lastFailure: string): Promise<boolean>;
  /** From now on the rename is only settled, never sent again. */
  giveUp(pending: PendingRename): Promise<void>;
  /**
   * Keeps, beside the lease, what an attempt without an answer has learnt. `leftMs`: what is left of the
   * lease.
   */
  note(pending: PendingRename, notes: LeaseNotes, leftMs: number): Promise<void>;
  /** Keeps when a look at the iteration failed first. */
  noteUnreadable(pending: PendingRename): Promise<void>;
  /** Writes the outcome and frees the iteration; false where another process has settled the rename first. */
  complete(pending: PendingRename, outcome: RenameOutcome, completion: Completion): Promise<boolean>;
  /** Ends an implied key whose caller is answered, unless a new request has taken it over. */
  forgetClaim(claim: ExistingClaim): Promise<void>;
  /** The pending rename behind a lock, or null where it has ended. */
  readPending(lease: Pick<Lease, 'projectId' | 'iterationId' | 'renameId'>): Promise<PendingRename | null>;
  /** What the newest succeeded record gave the iteration, in the order of the table's clock. */
  newestSucceeded(iteration: IterationRef): Promise<SeenIteration | null>;
}

import type { AuditRecord, IterationRef, RenameIntent, RenameOutcome } from './audit-record.ts';
import type { RenamedIteration } from './upstream.ts';

/** A caller's promise that equal keys mean the same rename. */
export interface IdempotencyClaim {
  readonly callerId: string;
  readonly key: string;
  /** What the rename asks for, as text: two claims with equal keys must agree in it. */
  readonly payload: string;
}

/** What an earlier request with the same key left behind. */
export interface ExistingClaim {
  readonly samePayload: boolean;
  readonly record: AuditRecord;
  /** The upstream's answer, where the rename succeeded and the answer was fit to be kept. */
  readonly iteration: RenamedIteration | null;
  /** The claim's version: only the one who has seen the newest may take the key over. */
  readonly version: string;
}

/** A rename under way, as its iteration's lock shows it. */
export interface Lease {
  readonly projectId: string;
  readonly iterationId: string;
  readonly renameId: string;
  readonly leasedAtMs: number;
}

/** How a pending rename is held, as far as its lock does not say. */
export interface LeaseState {
  /** The quarantine counts from here. `RELEASED` where it is proved that nothing was applied and nothing is under way. */
  readonly leasedAtMs: number;
  /** Why the last try of a queued rename failed: an error code. */
  readonly lastFailure: string | null;
  /** Nobody tries a queued rename again once its message is given up; it is only found out what became of it. */
  readonly isGivenUp: boolean;
}

/** Whoever comes next may take the rename over at once. */
export const RELEASED = 0;

/** A pending record together with the versions of its rows. Completing it fails if anyone else has touched them since. */
export interface PendingRename {
  readonly intent: RenameIntent;
  readonly versions: { readonly record: string; readonly copy: string };
  readonly lease: LeaseState;
  /** Where the claim on the idempotency key stands, so that the answer can be kept with it. */
  readonly claimRowKey: string | null;
}

export type BeginResult =
  /** `contended`: another rename of the iteration has ended meanwhile, so that what was read before may be outdated. */
  | { readonly kind: 'begun'; readonly pending: PendingRename; readonly contended: boolean }
  | { readonly kind: 'locked'; readonly lock: Lease }
  | { readonly kind: 'claimed'; readonly claim: ExistingClaim }
  /** A queued rename was begun before, under this very id. */
  | { readonly kind: 'recorded'; readonly record: AuditRecord };

/** The audit log as the core needs it. Each method is one step that happens wholly or not at all. */
export interface AuditLog {
  /**
   * Writes the record, its copy, the lock and the claim, or nothing. `released` is an earlier claim on the same key that
   * is to be taken over; `leasedAtMs` is when the quarantine begins, where that is not when the rename was requested.
   * Throws where it cannot be known that the record stands.
   */
  begin(
    intent: RenameIntent,
    claim: IdempotencyClaim | null,
    released: ExistingClaim | null,
    leasedAtMs?: number,
  ): Promise<BeginResult>;
  /** Holds a pending rename anew, which shuts out everybody who has read its versions before; null where somebody else has been quicker. */
  renewLease(pending: PendingRename, lease: LeaseState): Promise<PendingRename | null>;
  /** Writes a record that ends as it begins, without a lock; false where there is one of this id already. */
  recordEnded(intent: RenameIntent, outcome: RenameOutcome): Promise<boolean>;
  /** Writes the outcome and frees the iteration; false where somebody else has settled the rename first. */
  complete(
    pending: PendingRename,
    outcome: RenameOutcome,
    iteration: RenamedIteration | null,
  ): Promise<boolean>;
  /** The pending rename behind a lock, or null where the lock is gone. */
  readPending(lock: Lease): Promise<PendingRename | null>;
  /** The name that the newest succeeded record gave the iteration. */
  newestSucceededName(iteration: IterationRef): Promise<string | null>;
}

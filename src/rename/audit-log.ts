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
export interface HeldLock {
  readonly projectId: string;
  readonly iterationId: string;
  readonly renameId: string;
  readonly heldSinceMs: number;
}

/** A pending record together with the versions of its rows. Completing it fails if anyone else has touched them since. */
export interface OpenRename {
  readonly intent: RenameIntent;
  readonly versions: { readonly record: string; readonly copy: string };
  /** Where the claim on the idempotency key stands, so that the answer can be kept with it. */
  readonly claimRowKey: string | null;
}

export type BeginResult =
  | { readonly kind: 'begun'; readonly open: OpenRename }
  | { readonly kind: 'locked'; readonly lock: HeldLock }
  | { readonly kind: 'claimed'; readonly claim: ExistingClaim };

/** The audit log as the core needs it. Each method is one step that happens wholly or not at all. */
export interface AuditLog {
  /**
   * Writes the record, its copy, the lock and the claim, or nothing. `released` is an earlier claim on the same key that
   * is to be taken over. Throws where it cannot be known that the record stands.
   */
  begin(
    intent: RenameIntent,
    claim: IdempotencyClaim | null,
    released: ExistingClaim | null,
  ): Promise<BeginResult>;
  /** Writes the outcome and frees the iteration; false where somebody else has settled the rename first. */
  complete(open: OpenRename, outcome: RenameOutcome, iteration: RenamedIteration | null): Promise<boolean>;
  /** The pending rename behind a lock, or null where the lock is gone. */
  reopen(lock: HeldLock): Promise<OpenRename | null>;
  /** The name that the newest succeeded record gave the iteration. */
  newestSucceededName(iteration: IterationRef): Promise<string | null>;
}

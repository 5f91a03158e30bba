import type { BeginResult, PendingRename } from '../audit-log.ts';
import type { AuditRecord, RenameIntent, RenameOutcome } from '../audit-record.ts';
import type { RenamePointer } from './queued-rename.ts';

/** Everyone whom the access policy must grant the rename, each with every id that a grant may name. */
export type Parties = readonly (readonly string[])[];

/** A delivery's claim: a duplicate of the delivery is given the same rename. */
export interface DeliveryClaim {
  /** The same for each attempt of one delivery, and for no other delivery of this caller. */
  readonly identity: string;
  /** What the delivery asks for, as text: duplicates must agree in it. */
  readonly payload: string;
}

/** The rename that a delivery was given before. */
export interface EarlierDelivery {
  readonly record: AuditRecord;
  readonly samePayload: boolean;
  /** The claim's version: only the duplicate that has seen the newest may be given another rename. */
  readonly version: string | null;
}

export type AcceptResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'duplicate'; readonly earlier: EarlierDelivery };

/** A rename that was accepted and has not begun. */
export interface AcceptedRename {
  readonly intent: RenameIntent;
  readonly parties: Parties;
  /** The record's version. */
  readonly version: string;
}

/** What a pointer leads to; `nothing`, too, where that is a synchronous rename. */
export type FoundRename =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'accepted'; readonly accepted: AcceptedRename }
  | { readonly kind: 'begun'; readonly pending: PendingRename }
  | { readonly kind: 'ended' };

/** The accepted renames in the audit log. Each method is one step that happens wholly or not at all. */
export interface AcceptedLog {
  /**
   * Writes the record, its copy, the index of accepted renames and the delivery's claim, or nothing.
   * `replaced` is the claim's earlier rename, which provably was not applied. Throws where it cannot be known
   * that the record stands.
   */
  accept(
    intent: RenameIntent,
    parties: Parties,
    delivery: DeliveryClaim | null,
    replaced: EarlierDelivery | null,
  ): Promise<AcceptResult>;
  find(pointer: RenamePointer): Promise<FoundRename>;
  /** Takes the lock and leaves the index. `changed`: another process has taken a step since it was found. */
  begin(
    accepted: AcceptedRename,
    leaseMs: number,
  ): Promise<Exclude<BeginResult, { kind: 'claimed' }> | { readonly kind: 'changed' }>;
  /** Ends a rename that never begins; false where another process has been quicker. */
  end(accepted: AcceptedRename, outcome: RenameOutcome): Promise<boolean>;
  /** Keeps the sweep from enqueuing the rename again while its message waits. */
  touch(pointer: RenamePointer): Promise<void>;
}

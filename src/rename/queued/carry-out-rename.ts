import type { AuditLog, PendingRename } from '../audit-log.ts';
import type { ResumeRename } from '../recovery/resume-rename.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import type { AcceptedLog, FoundRename } from './accepted-log.ts';
import { createBeginAccepted } from './begin-accepted.ts';
import type { RenamePointer } from './queued-rename.ts';
import { CONSEQUENCES } from './rename-consequence.ts';

/** What became of one message. */
export type CarriedOut =
  /** The record has ended; where it ended before, this was a duplicate. */
  | { readonly kind: 'done' }
  /** The pointer leads to no record. */
  | { readonly kind: 'dropped' }
  /** To be delivered again, without counting an attempt. */
  | { readonly kind: 'requeue'; readonly delayMs: number; readonly reason: string };

export interface CarryOutCommand {
  readonly pointer: RenamePointer;
  readonly traceparent: string | null;
  readonly report: ReportRenameEvent;
}

/**
 * Carries out the rename that a message points to, once however often it comes. Throws a `RenameError` where
 * an attempt failed.
 */
export type CarryOutRename = (command: CarryOutCommand) => Promise<CarriedOut>;

/** A rename that is kept waiting for longer counts its attempts, and then has a record that says so. */
const PATIENCE_MS = 24 * 60 * 60 * 1000;
/** Where another request or process has the iteration, too: a rename takes about this long. */
const MIN_DELAY_MS = 1000;
/** Shorter than the age at which the sweep takes a message for lost. */
const MAX_DELAY_MS = 60_000;
const MAX_ROUNDS = 3;

export function createCarryOutRename(
  dependencies: Parameters<typeof createBeginAccepted>[0] & {
    readonly log: Pick<AuditLog, 'readPending'>;
    readonly accepted: Pick<AcceptedLog, 'find' | 'touch'>;
    readonly resume: ResumeRename;
  },
): CarryOutRename {
  const { log, accepted: acceptedLog, resume, settle, rateLimit, now, monotonic } = dependencies;
  const beginAccepted = createBeginAccepted(dependencies);

  return async function carryOutRename(command) {
    const found = await find(command.pointer);
    if (found.kind === 'nothing') return { kind: 'dropped' };
    if (found.kind === 'ended') return { kind: 'done' };
    const { intent } = found.kind === 'accepted' ? found.accepted : found.pending;
    try {
      await carryOut(found, command);
      return { kind: 'done' };
    } catch (error) {
      if (!(error instanceof RenameError)) throw error;
      const consequence = CONSEQUENCES[error.code];
      if (consequence === 'done') return { kind: 'done' };
      const isPatient = now() - Date.parse(intent.requestedAt) < PATIENCE_MS;
      if (consequence === 'retry' || !isPatient) throw error;
      await acceptedLog.touch(command.pointer).catch(() => {}); // else the sweep enqueues a duplicate
      // One that was refused access has begun: the sweep leaves it to its message, however long that waits.
      const delayMs = error.requeueAfterMs ?? Math.min(MAX_DELAY_MS, error.retryAfterMs ?? 0);
      return { kind: 'requeue', delayMs: Math.max(MIN_DELAY_MS, delayMs), reason: error.code };
    }
  };

  async function carryOut(first: FoundRename, command: CarryOutCommand): Promise<void> {
    let found = first;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (found.kind === 'ended' || found.kind === 'nothing') return;
      if (found.kind === 'begun') return resumeExpired(found.pending, command);
      if (await beginAccepted(found.accepted, command.traceparent, command.report)) return;
      found = await find(command.pointer);
    }
    throw new RenameError('iteration_busy');
  }

  async function find(pointer: RenamePointer): Promise<FoundRename> {
    return acceptedLog.find(pointer).catch(auditUnavailable);
  }

  async function resumeExpired(
    pending: PendingRename,
    { traceparent, report }: CarryOutCommand,
  ): Promise<void> {
    const { renameId } = pending.intent;
    const leftMs = pending.lease.expiresAtMs - monotonic();
    if (leftMs > 0) throw new RenameError('idempotency_key_in_flight', { renameId, retryAfterMs: leftMs });
    if (pending.isGivenUp) {
      await settle(pending.lease, report); // a duplicate message: where the iteration cannot be read, the sweep goes on
      return;
    }
    await rateLimit.take(pending.intent.resource, pending.intent.caller.id);
    const newest = await log.readPending(pending.intent).catch(auditUnavailable);
    if (newest !== null) await resume(newest, traceparent, report);
  }
}

function auditUnavailable(cause: unknown): never {
  throw new RenameError('audit_unavailable', { cause });
}

import type { Caller, Trigger } from '../audit-record.ts';
import { RenameError } from '../rename-error.ts';
import type { ReportRenameEvent } from '../rename-event.ts';
import { intentOf, payloadOf, type RenameRequest } from '../rename-request.ts';
import type { AcceptedLog, EarlierDelivery, Parties } from './accepted-log.ts';
import type { RenameQueue } from './queued-rename.ts';

/** A rename that is to be accepted for later. */
export interface AcceptCommand {
  readonly request: RenameRequest;
  readonly caller: Caller;
  readonly parties: Parties;
  readonly trigger: Exclude<Trigger, 'http'>;
  readonly traceId: string | null;
  /** What duplicates of a delivery have in common; null where `renameId` identifies the rename. */
  readonly deliveryIdentity: string | null;
  /** For a rename whose id is made of what it is about. */
  readonly renameId?: string;
  readonly report: ReportRenameEvent;
}

/** Accepts a rename for later. Throws a `RenameError`; each says truly whether anything was accepted. */
export type AcceptRename = (
  command: AcceptCommand,
) => Promise<{ readonly renameId: string; readonly isDuplicate: boolean }>;

/** Each round follows a duplicate that was given another rename meanwhile. */
const MAX_ROUNDS = 3;

/**
 * The record is written first: from then on its location answers, and the sweep enqueues what was never
 * begun. So a message that cannot be enqueued, or is lost, delays a rename and never loses it. A duplicate of
 * a delivery whose rename ended `not_applied` is accepted anew.
 */
export function createAcceptRename({
  log,
  queue,
  now,
  newRenameId,
}: {
  readonly log: Pick<AcceptedLog, 'accept'>;
  readonly queue: RenameQueue;
  readonly now: () => number;
  readonly newRenameId: (nowMs: number) => string;
}): AcceptRename {
  return async function acceptRename(command) {
    const { request, deliveryIdentity, parties } = command;
    const delivery =
      deliveryIdentity === null ? null : { identity: deliveryIdentity, payload: payloadOf(request) };
    let replaced: EarlierDelivery | null = null;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const nowMs = now();
      const intent = intentOf({
        renameId: command.renameId ?? newRenameId(nowMs),
        request,
        caller: command.caller,
        trigger: command.trigger,
        traceId: command.traceId,
        requestedAt: new Date(nowMs).toISOString(),
        replaces: replaced?.record.renameId ?? null,
        undoes: null,
      });
      const accepted = await log.accept(intent, parties, delivery, replaced).catch(acceptanceUnknown);
      if (accepted.kind === 'accepted') {
        await enqueue(intent, command.report);
        return { renameId: intent.renameId, isDuplicate: false };
      }
      const earlier: EarlierDelivery = accepted.earlier;
      if (!earlier.samePayload) throw new RenameError('delivery_id_reused');
      if (earlier.record.status !== 'not_applied' || earlier.version === null) {
        if (earlier.record.status === 'pending') await enqueue(earlier.record, command.report);
        return { renameId: earlier.record.renameId, isDuplicate: true };
      }
      replaced = earlier;
    }
    throw new RenameError('acceptance_unknown');
  };

  async function enqueue(
    { projectId, renameId }: { readonly projectId: string; readonly renameId: string },
    report: ReportRenameEvent,
  ): Promise<void> {
    try {
      await queue.enqueue({ projectId, renameId }, 0);
    } catch {
      report({ event: 'enqueue_failed', renameId }); // the sweep enqueues it
    }
  }
}

function acceptanceUnknown(cause: unknown): never {
  throw new RenameError('acceptance_unknown', { cause });
}

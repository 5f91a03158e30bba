import type { QueuedRename, RenameQueue } from './queued-rename.ts';
import { RenameError } from '../rename-error.ts';
import { payloadOf } from '../rename-request.ts';

/** One rename that a sender asks for in a delivery, whose id is the same in each try. */
export interface DeliveredRename extends Pick<
  QueuedRename,
  'request' | 'caller' | 'traceparent' | 'traceId'
> {
  readonly deliveryId: string;
}

/** Which rename a delivery was given. `claim` writes it down for the first who comes, and tells all who come the same. */
export interface DeliveryClaims {
  claim(
    delivery: { readonly projectId: string; readonly callerId: string; readonly deliveryId: string },
    rename: { readonly renameId: string; readonly requestedAt: string; readonly payload: string },
  ): Promise<{ readonly renameId: string; readonly requestedAt: string; readonly samePayload: boolean }>;
}

export type AcceptRename = (
  delivered: DeliveredRename,
) => Promise<{ readonly renameId: string; readonly isDuplicate: boolean }>;

/**
 * Promises a rename for later. A second try of a delivery is enqueued again under the first one's id: the first may have ended
 * between claim and queue, and two messages of one id make one rename. Throws a `RenameError`; then nothing was promised.
 */
export function createAcceptRename({
  claims,
  queue,
  now,
  newRenameId,
}: {
  readonly claims: DeliveryClaims;
  readonly queue: RenameQueue;
  readonly now: () => number;
  readonly newRenameId: (nowMs: number) => string;
}): AcceptRename {
  return async function acceptRename({ deliveryId, ...delivered }) {
    const nowMs = now();
    const { projectId } = delivered.request;
    const mine = {
      renameId: newRenameId(nowMs),
      requestedAt: new Date(nowMs).toISOString(),
      payload: payloadOf(delivered.request),
    };
    const callerId = delivered.caller.id;
    const claimed = await claims.claim({ projectId, callerId, deliveryId }, mine).catch((error: unknown) => {
      throw new RenameError('audit_unavailable', { cause: error });
    });
    if (!claimed.samePayload) throw new RenameError('idempotency_key_reused');
    const { renameId, requestedAt } = claimed;
    await queue
      .enqueue({ ...delivered, trigger: 'webhook', renameId, requestedAt, requeues: 0 }, 0)
      .catch((error: unknown) => {
        throw new RenameError('queue_unavailable', { cause: error });
      });
    return { renameId, isDuplicate: renameId !== mine.renameId };
  };
}

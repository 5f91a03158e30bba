import type { QueuedRename } from '../../../src/rename/queued/queued-rename.ts';
import { requestFor } from '../world.ts';

export const PROMISED_AT = '2026-01-01T00:00:00.000Z';

/** A rename as a webhook source was accepted it. */
export function queuedRename(name = 'Release 1', more: Partial<QueuedRename> = {}): QueuedRename {
  return {
    renameId: '8232767999999-aaaaaaaaaa',
    request: requestFor(name),
    caller: { kind: 'webhook', id: 'webhook:registry', name: null },
    trigger: 'webhook',
    requestedAt: PROMISED_AT,
    traceparent: null,
    traceId: null,
    requeues: 0,
    ...more,
  };
}

import type { Caller } from './audit-record.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { RenameRequest } from './rename-request.ts';
import type { RenamedIteration } from './upstream.ts';

/** A rename that somebody authorised and waits for, with what the record says of them. */
export interface RenameCommand {
  readonly request: RenameRequest;
  readonly caller: Caller;
  readonly idempotencyKey: string | null;
  /** W3C trace context, forwarded upstream. */
  readonly traceparent: string | null;
  readonly traceId: string | null;
  readonly report: ReportRenameEvent;
}

export interface RenameResult {
  readonly renameId: string;
  readonly iteration: RenamedIteration;
  readonly replayed: boolean;
}

import type { Caller } from './audit-record.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { RenameRequest } from './rename-request.ts';
import type { UndoneRename } from './undo-of.ts';
import type { RenamedIteration } from './upstream.ts';

/** A rename that somebody authorised and waits for, with what the record says of them. */
export interface RenameCommand {
  readonly request: RenameRequest;
  readonly caller: Caller;
  /** Null for an undo, whose key is the rename that it undoes. */
  readonly idempotencyKey: string | null;
  readonly undoes: UndoneRename | null;
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

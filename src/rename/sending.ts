import type { PendingRename } from './audit-log.ts';
import type { ReportRenameEvent } from './rename-event.ts';
import type { UpstreamCall, UpstreamReading } from './upstream.ts';

/** A rename on record, about to be sent. */
export interface Sending {
  readonly pending: PendingRename;
  /** On the monotonic clock, before the lease was written. */
  readonly leasedAtMs: number;
  readonly call: UpstreamCall;
  /** The iteration as it was read before, where that was in time. */
  readonly before: () => Promise<UpstreamReading | null>;
  /** Of an undo: it is sent only if the reading before it shows this name. */
  readonly givenName: string | null;
  /** When this attempt began, for the log. */
  readonly startedMs: number;
  readonly report: ReportRenameEvent;
}

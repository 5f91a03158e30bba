/** How long each part of a rename may take, all derived from the upstream timeout so that the order between them always holds. */
export interface RenameTimings {
  readonly upstreamTimeoutMs: number;
  /** A PATCH may leave only this long after the record was begun; it has ended one upstream timeout later. */
  readonly sendWithinMs: number;
  /** Nobody settles a record younger than this. By then the PATCH has been over for at least one upstream timeout. */
  readonly leaseMs: number;
}

export function createRenameTimings(upstreamTimeoutMs: number): RenameTimings {
  return { upstreamTimeoutMs, sendWithinMs: upstreamTimeoutMs, leaseMs: 3 * upstreamTimeoutMs };
}

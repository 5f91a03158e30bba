/**
 * How long each part of a rename may take, all derived from the upstream timeout so that the order between
 * them always holds.
 */
export interface RenameTimings {
  /** For GET and PATCH together. A PATCH may leave only this long after its lease began. */
  readonly upstreamTimeoutMs: number;
  /**
   * No process settles a rename while its lease runs. When it expires, the PATCH has been over for at least
   * one upstream timeout.
   */
  readonly leaseMs: number;
}

export function createRenameTimings(upstreamTimeoutMs: number): RenameTimings {
  return { upstreamTimeoutMs, leaseMs: 3 * upstreamTimeoutMs };
}

/** Others read the age of a lease to the second. */
const LEASE_RESOLUTION_MS = 1000;

/**
 * When another process sees a lease expired at the latest, from now. `expiresAtMs`: as this process sees it.
 */
export function untilSeenExpiredMs(expiresAtMs: number, nowMs: number): number {
  return Math.max(0, expiresAtMs - nowMs) + LEASE_RESOLUTION_MS;
}

/**
 * When a rename without an answer can be settled at the latest, from now. `upstreamMs`: from its begin until the
 * upstream had its chance. The table dates a lease when it writes it, and so at the end of a write that takes
 * long, be it the begin or what is noted after.
 */
export function untilSettledMs({ leaseMs }: RenameTimings, upstreamMs: number): number {
  return untilSeenExpiredMs(leaseMs, upstreamMs);
}

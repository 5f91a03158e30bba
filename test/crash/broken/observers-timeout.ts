import { parseLease as parseSoundly } from '../../../src/table-storage/lease-row.ts';

export * from '../../../src/table-storage/lease-row.ts';

/** Broken: takes the lease for as long as its own would be. */
export function parseLease(...[row]: Parameters<typeof parseSoundly>): ReturnType<typeof parseSoundly> {
  const lease = parseSoundly(row);
  if (lease.isReleased) return lease;
  const ownLeaseMs = 3 * 1000 * Number(process.env['UPSTREAM_TIMEOUT_SECONDS']);
  return { ...lease, expiresAtMs: row.writtenBeforeMs + ownLeaseMs };
}

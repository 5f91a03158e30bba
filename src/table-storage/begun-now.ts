import type { PendingRename } from '../rename/audit-log.ts';
import type { RenameIntent } from '../rename/audit-record.ts';

/** A rename that this process has just begun. Its own lease counts from before the request that wrote it. */
export function begunNow({
  intent,
  leaseMs,
  version,
  askedAtMs,
  claim,
  parties,
}: Pick<PendingRename, 'version' | 'claim' | 'parties'> & {
  readonly intent: RenameIntent;
  readonly leaseMs: number;
  readonly askedAtMs: number;
}): PendingRename {
  const { projectId, iterationId, renameId, resource } = intent;
  return {
    intent,
    version,
    lease: {
      projectId,
      iterationId,
      renameId,
      resource,
      expiresAtMs: askedAtMs + leaseMs,
      writtenAtMs: askedAtMs,
      isReleased: false,
      lastFailure: null,
      before: null,
    },
    begunAfterMs: askedAtMs,
    isGivenUp: false,
    unreadableForMs: null,
    parties,
    claim,
  };
}

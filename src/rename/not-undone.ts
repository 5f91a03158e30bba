import { RenameError } from './rename-error.ts';
import { isSameName } from './same-name.ts';
import type { UpstreamReading } from './upstream.ts';

/** An undo that was not sent: its reading does not show the name that is to be taken back. */
export interface NotUndone {
  readonly kind: 'not_undone';
  readonly reading: UpstreamReading;
  readonly attempts: 0;
  readonly requestId: null;
}

/** Null where the reading shows the name that is to be taken back. */
export function refuseUndo(reading: UpstreamReading | null, givenName: string): NotUndone | null {
  if (reading?.kind === 'iteration' && isSameName(reading.iteration.name, givenName)) return null;
  return { kind: 'not_undone', reading: reading ?? { kind: 'unavailable' }, attempts: 0, requestId: null };
}

/** For the caller. */
export function notUndoneError({ reading }: NotUndone, renameId: string): RenameError {
  switch (reading.kind) {
    case 'iteration':
      return new RenameError('renamed_since', { renameId, shownName: reading.iteration.name });
    case 'absent':
      return new RenameError('renamed_since', { renameId });
    case 'throttled':
      return new RenameError('upstream_throttled', { renameId, retryAfterMs: reading.retryAfterMs });
    case 'unavailable':
      return new RenameError('iteration_unreadable', { renameId });
  }
}

/** In our own words, for the record. */
export const NOT_UNDONE = {
  iteration: 'The iteration no longer had the name that was to be taken back. Nothing was sent.',
  absent: 'The iteration was gone. Nothing was sent.',
  throttled: 'Custom Vision asked for a pause when the iteration was read. Nothing was sent.',
  unavailable: 'The iteration could not be read. Nothing was sent.',
} as const satisfies Record<UpstreamReading['kind'], string>;

import { createHash } from 'node:crypto';
import { isRenameId } from '../rename/rename-id.ts';

/** A token is valid for one listing only. */
export interface Listing {
  readonly projectId: string;
  readonly iterationId: string | null;
}

const TOKEN = /^([0-9a-z-]{24})\.([\w-]{16})$/;

/**
 * Makes an opaque token that continues after `renameId`. It grants nothing: its checksum detects mistyped
 * tokens and tokens of other listings.
 */
export function formatContinuation(renameId: string, listing: Listing): string {
  return Buffer.from(`${renameId}.${checkOf(renameId, listing)}`).toString('base64url');
}

/** The `renameId` to continue after; null where the token was not made for this listing. */
export function parseContinuation(token: string, listing: Listing): string | null {
  const [, renameId = '', check] = TOKEN.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  if (!isRenameId(renameId) || check !== checkOf(renameId, listing)) return null;
  return formatContinuation(renameId, listing) === token ? renameId : null;
}

function checkOf(renameId: string, { projectId, iterationId }: Listing): string {
  const text = JSON.stringify([projectId, iterationId, renameId]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

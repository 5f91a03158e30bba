import { createHash } from 'node:crypto';
import type { IdempotencyClaim } from '../rename/audit-log.ts';

/**
 * The keys of the table `renames`. All rows of one project share its partition, so that each step of a rename
 * is one transaction.
 */
export const PROJECTS_PARTITION = 'projects';

export const recordKey = (renameId: string): string => `rename|${renameId}`;
export const copyKey = (iterationId: string, renameId: string): string =>
  `iteration|${iterationId}|${renameId}`;
export const lockKey = (iterationId: string): string => `lock|${iterationId}`;

/**
 * Caller and key are hashed together: neither can be read back, or be another caller's, or have a character
 * that a RowKey may not have.
 */
export const idempotencyKey = ({ callerId, key, payload }: IdempotencyClaim): string =>
  `idempotency|${sha256(JSON.stringify(key === null ? [callerId, null, payload] : [callerId, key]))}`;

/** A rename that was accepted and has not begun. */
export const acceptedKey = (renameId: string): string => `accepted|${renameId}`;

/** The same for what a webhook's sender delivers. */
export const deliveryKey = (callerId: string, identity: string): string =>
  `delivery|${sha256(JSON.stringify([callerId, identity]))}`;

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * The half-open range of all keys that begin with `prefix`; every prefix here ends with `|`, whose successor
 * is `}`.
 */
export function rangeOf(prefix: string): { readonly from: string; readonly until: string } {
  return { from: prefix, until: `${prefix.slice(0, -1)}}` };
}

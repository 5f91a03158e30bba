import { isObject } from '../json/is-object.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import type { RenamePointer } from '../rename/queued/queued-rename.ts';
import { isRenameId } from '../rename/rename-id.ts';
import { isUuid } from '../text/uuid.ts';

/** A pointer as plain text. */
export function formatPointer({ projectId, renameId }: RenamePointer): string {
  return JSON.stringify({ projectId, renameId });
}

/** Reads an untrusted message; null where it is not a pointer. */
export function parsePointer(text: string): RenamePointer | null {
  const message = tryParseJson(text);
  if (!isObject(message)) return null;
  const { projectId, renameId } = message;
  if (!isUuid(projectId) || typeof renameId !== 'string' || !isRenameId(renameId)) return null;
  return { projectId: projectId.toLowerCase(), renameId };
}

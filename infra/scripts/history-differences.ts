import { isDeepStrictEqual } from 'node:util';

/** A record as the app's log and the table both tell it, null where they say nothing. */
export type RecordedRename = { readonly [property: string]: unknown };

/** A record in the table, and its copy by iteration; null where one of them is missing. */
export interface StoredRename {
  readonly record: RecordedRename | null;
  readonly copy: RecordedRename | null;
}

export type Difference =
  | {
      readonly kind: 'changed';
      readonly renameId: string;
      readonly where: 'record' | 'copy';
      readonly property: string;
    }
  | { readonly kind: 'removed'; readonly renameId: string; readonly where: 'record' | 'copy' }
  /** In the table, ended, and never in the log. */
  | { readonly kind: 'added'; readonly renameId: string }
  /** The log tells one rename's end in two ways. */
  | { readonly kind: 'told-twice'; readonly renameId: string; readonly property: string };

/** Every way in which the table disagrees with what was exported while the renames were made. */
export function historyDifferences({
  stored,
  exported,
  exportedUntil,
}: {
  readonly stored: ReadonlyMap<string, StoredRename>;
  readonly exported: ReadonlyMap<string, readonly RecordedRename[]>;
  /** What ended later may not be exported yet. */
  readonly exportedUntil: Date;
}): Difference[] {
  const differences: Difference[] = [];
  for (const [renameId, [first, ...others]] of exported) {
    if (first === undefined) continue;
    for (const other of others) {
      const property = differingProperty(first, other);
      if (property !== null) differences.push({ kind: 'told-twice', renameId, property });
    }
    const { record, copy } = stored.get(renameId) ?? { record: null, copy: null };
    for (const [where, row] of [
      ['record', record],
      ['copy', copy],
    ] as const) {
      if (row === null) {
        differences.push({ kind: 'removed', renameId, where });
        continue;
      }
      const property = differingProperty(first, row);
      if (property !== null) differences.push({ kind: 'changed', renameId, where, property });
    }
  }
  for (const [renameId, { record, copy }] of stored) {
    const row = record ?? copy;
    if (exported.has(renameId) || row === null || row['status'] === 'pending') continue;
    if (new Date(String(row['completedAt'])) <= exportedUntil) differences.push({ kind: 'added', renameId });
  }
  return differences;
}

function differingProperty(told: RecordedRename, found: RecordedRename): string | null {
  const properties = new Set([...Object.keys(told), ...Object.keys(found)]);
  for (const property of properties) {
    if (!isDeepStrictEqual(told[property] ?? null, found[property] ?? null)) return property;
  }
  return null;
}

import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { RecordedRename } from './history-differences.ts';

/** A write to the table by somebody who is not the app, from the storage account's own log. */
export interface ForeignWrite {
  readonly at: string;
  readonly operation: string;
  readonly by: string;
  readonly uri: string;
}

export interface ExportedLog {
  readonly records: ReadonlyMap<string, readonly RecordedRename[]>;
  readonly foreignWrites: readonly ForeignWrite[];
  readonly lines: number;
}

const WRITES =
  /^(Insert|Update|Merge|Replace|InsertOrMerge|InsertOrReplace|Delete)Entity$|^(Create|Delete)Table$|Transaction/;

/**
 * Reads the blobs that a workspace's data export wrote, downloaded to a folder: of `AppTraces` the records,
 * of `StorageTableLogs` the writes of everybody but `app`, the object id of the app's identity. One row a
 * line, its columns as in the workspace.
 */
export async function readExportedLog(folder: string, app: string | null): Promise<ExportedLog> {
  const records = new Map<string, RecordedRename[]>();
  const foreignWrites: ForeignWrite[] = [];
  let lines = 0;
  for await (const row of rowsIn(folder)) {
    lines += 1;
    const record = recordIn(row['Message']);
    if (record !== null) {
      const renameId = String(record['renameId']);
      records.set(renameId, [...(records.get(renameId) ?? []), record]);
    }
    const write = app === null ? null : foreignWriteIn(row, app);
    if (write !== null) foreignWrites.push(write);
  }
  return { records, foreignWrites, lines };
}

async function* rowsIn(folder: string): AsyncGenerator<RecordedRename> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.json'));
  for (const file of files) {
    const name = path.join(file.parentPath, file.name);
    for await (const line of createInterface({
      input: createReadStream(name, 'utf8'),
      crlfDelay: Infinity,
    })) {
      if (line.trim() === '') continue;
      const row = parseObject(line);
      if (row === null) throw new Error(`${name} holds a line that is no JSON object: is it an export?`);
      yield row;
    }
  }
}

/** The record in a line of the app's log: of a rename that was completed, or settled later. */
function recordIn(message: unknown): RecordedRename | null {
  if (typeof message !== 'string' || !message.startsWith('{"event":"rename_')) return null;
  const entry = parseObject(message);
  if (entry === null || !['rename_completed', 'rename_settled'].includes(String(entry['event']))) return null;
  const { record } = entry;
  return isObject(record) ? record : null;
}

function foreignWriteIn(row: RecordedRename, app: string): ForeignWrite | null {
  const {
    OperationName: operation,
    RequesterObjectId: by,
    TimeGenerated: at,
    Uri: uri,
    StatusCode: status,
  } = row;
  if (typeof operation !== 'string' || !WRITES.test(operation) || by === app) return null;
  if (typeof status === 'string' && !status.startsWith('2')) return null;
  return { at: textOf(at), operation, by: textOf(by), uri: textOf(uri) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown';
}

function parseObject(text: string): RecordedRename | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is RecordedRename {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

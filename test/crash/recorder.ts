import type { JournalEntry, SimulatorAnswer } from '../stack/simulator-server.ts';
import type { RenameEffect } from '../stack/custom-vision.ts';
import type { Begin, ClaimEnd, Edit, Effect, End, Read } from './evidence.ts';
import { storageOperation } from '../stack/storage-operation.ts';
import { partsOfTransaction, type TransactionPart } from './table-transaction.ts';

/** Records what happens in the order of time. There is one order: all far ends run in this process. */
export interface Recorder {
  readonly begins: Begin[];
  readonly ends: End[];
  readonly claimEnds: ClaimEnd[];
  readonly effects: Effect[];
  readonly edits: Edit[];
  readonly reads: Read[];
  /** The next number in the order. */
  readonly next: () => number;
  readonly recordReceived: (entry: JournalEntry<RenameEffect>) => void;
  readonly recordUpstream: (entry: JournalEntry<RenameEffect>) => void;
  readonly recordAnswered: (entry: JournalEntry<RenameEffect>) => void;
  readonly recordWrite: (entry: JournalEntry, answer: SimulatorAnswer) => void;
  readonly recordEdit: (edit: Pick<Edit, 'projectId' | 'iterationId' | 'shown'>) => void;
  /** Called for each effect, before anything is answered. */
  onEffect: (effect: Effect) => void;
}

export function createRecorder(): Recorder {
  const reading = new Map<JournalEntry<RenameEffect>, Read>();
  /** The rename that a claim points to, by the claim's row key. */
  const claimed = new Map<string, string>();
  let seq = 0;
  const next = () => (seq += 1);

  const recorder: Recorder = {
    begins: [],
    ends: [],
    claimEnds: [],
    effects: [],
    edits: [],
    reads: [],
    next,
    onEffect: () => {},
    recordReceived(entry) {
      if (entry.method !== 'GET') return;
      const read: Read = { seq: next(), traceId: traceIdOf(entry), answered: null };
      recorder.reads.push(read);
      reading.set(entry, read);
    },
    recordUpstream(entry) {
      if (entry.effect === null) return;
      const { projectId, iterationId, to: shown } = entry.effect;
      const name = String(JSON.parse(entry.body).name);
      const traceId = traceIdOf(entry);
      const effect = {
        seq: next(),
        atMs: Date.now(),
        projectId,
        iterationId,
        name,
        shown,
        traceId,
      };
      recorder.effects.push(effect);
      recorder.onEffect(effect);
    },
    recordAnswered(entry) {
      const read = reading.get(entry);
      reading.delete(entry);
      if (read !== undefined && entry.status !== null) {
        read.answered = { seq: next(), status: entry.status };
      }
    },
    recordWrite(entry, answer) {
      for (const { method, rowKey, properties } of writtenBy(entry, answer)) {
        if (rowKey.startsWith('rename|')) recordRename(method, rowKey.slice('rename|'.length), properties);
        if (rowKey.startsWith('idempotency|')) recordClaim(method, rowKey, properties);
      }
    },
    recordEdit(edit) {
      recorder.edits.push({ seq: next(), atMs: Date.now(), ...edit });
    },
  };
  return recorder;

  function recordRename(method: string, renameId: string, { status }: TransactionPart['properties']): void {
    if (method === 'POST') recorder.begins.push({ seq: next(), atMs: Date.now(), renameId });
    if (status !== undefined && status !== 'pending') recorder.ends.push({ seq: next(), renameId });
  }

  function recordClaim(method: string, rowKey: string, { renameId }: TransactionPart['properties']): void {
    const earlier = claimed.get(rowKey);
    if (typeof renameId === 'string') claimed.set(rowKey, renameId);
    if (method === 'DELETE' && earlier !== undefined) {
      recorder.claimEnds.push({ seq: next(), renameId: earlier });
    }
  }
}

function traceIdOf({ headers }: JournalEntry<RenameEffect>): string | null {
  return headers['traceparent']?.split('-')[1] ?? null;
}

/** The changes of a transaction, or the one deletion; none where it did not take place. */
function writtenBy(entry: JournalEntry, { status, body }: SimulatorAnswer): TransactionPart[] {
  const { operation, rowKeys } = storageOperation(entry);
  if (operation === 'delete' && status === 204) {
    return rowKeys.map((rowKey) => ({ method: entry.method, rowKey, properties: {} }));
  }
  const parts = [...String(body).matchAll(/HTTP\/1\.1 (\d)/g)];
  const tookPlace = status === 202 && parts.length > 0 && parts.every(([, kind]) => kind === '2');
  return operation === 'batch' && tookPlace ? partsOfTransaction(entry.body) : [];
}

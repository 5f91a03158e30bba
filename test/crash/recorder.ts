import type { JournalEntry, SimulatorAnswer } from '../stack/simulator-server.ts';
import type { RenameEffect } from '../stack/custom-vision.ts';
import type { Begin, Edit, Effect, End, Read } from './evidence.ts';
import { partsOfTransaction } from './table-transaction.ts';

/** Records what happens in the order of time. There is one order: all far ends run in this process. */
export interface Recorder {
  readonly begins: Begin[];
  readonly ends: End[];
  readonly effects: Effect[];
  readonly edits: Edit[];
  readonly reads: Read[];
  /** The next number in the order. */
  readonly next: () => number;
  readonly recordReceived: (entry: JournalEntry<RenameEffect>) => void;
  readonly recordUpstream: (entry: JournalEntry<RenameEffect>) => void;
  readonly recordAnswered: (entry: JournalEntry<RenameEffect>) => void;
  readonly recordTransaction: (entry: JournalEntry, answer: SimulatorAnswer) => void;
  readonly recordEdit: (edit: Pick<Edit, 'projectId' | 'iterationId' | 'shown'>) => void;
  /** Called for each effect, before anything is answered. */
  onEffect: (effect: Effect) => void;
}

export function createRecorder(): Recorder {
  const reading = new Map<JournalEntry<RenameEffect>, Read>();
  let seq = 0;
  const next = () => (seq += 1);

  const recorder: Recorder = {
    begins: [],
    ends: [],
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
    recordTransaction({ body }, answer) {
      if (!tookPlace(answer)) return;
      const parts = partsOfTransaction(body);
      const endsClaim = parts.some(
        ({ method, rowKey }) => method === 'DELETE' && rowKey.startsWith('idempotency|'),
      );
      for (const { method, rowKey, properties } of parts) {
        if (!rowKey.startsWith('rename|')) continue;
        const renameId = rowKey.slice('rename|'.length);
        const { status } = properties;
        if (method === 'POST') recorder.begins.push({ seq: next(), atMs: Date.now(), renameId });
        if (status !== undefined && status !== 'pending') {
          recorder.ends.push({ seq: next(), renameId, endsClaim });
        }
      }
    },
    recordEdit(edit) {
      recorder.edits.push({ seq: next(), atMs: Date.now(), ...edit });
    },
  };
  return recorder;
}

function traceIdOf({ headers }: JournalEntry<RenameEffect>): string | null {
  return headers['traceparent']?.split('-')[1] ?? null;
}

function tookPlace({ status, body }: SimulatorAnswer): boolean {
  const parts = [...String(body).matchAll(/HTTP\/1\.1 (\d)/g)];
  return status === 202 && parts.length > 0 && parts.every(([, kind]) => kind === '2');
}

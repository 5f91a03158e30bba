import type { JournalEntry, SimulatorAnswer } from '../stack/simulator-server.ts';
import type { RenameEffect } from '../stack/custom-vision.ts';
import type { Begin, Effect } from './evidence.ts';

/** Records begins and effects in the order of time. There is one order: all far ends run in this process. */
export interface Recorder {
  readonly begins: Begin[];
  readonly effects: Effect[];
  readonly recordUpstream: (entry: JournalEntry<RenameEffect>) => void;
  readonly recordTransaction: (entry: JournalEntry, answer: SimulatorAnswer) => void;
}

export function createRecorder(): Recorder {
  const begins: Begin[] = [];
  const effects: Effect[] = [];
  let seq = 0;

  return {
    begins,
    effects,
    recordUpstream({ effect, headers }) {
      if (effect === null) return;
      const { projectId, iterationId, to } = effect;
      const traceId = headers['traceparent']?.split('-')[1] ?? null;
      effects.push({ seq: (seq += 1), projectId, iterationId, name: to, traceId });
    },
    recordTransaction({ body }, answer) {
      if (!tookPlace(answer)) return;
      for (const [, renameId] of body.matchAll(CREATED_RECORD)) {
        if (renameId !== undefined) begins.push({ seq: (seq += 1), renameId });
      }
    },
  };
}

/** An insert is a POST inside the transaction: its headers, an empty line, the row. */
const CREATED_RECORD = /^POST (?:[^\r\n]+\r\n)+\r\n\{"PartitionKey":"[^"]*","RowKey":"rename\|([^"]+)"/gm;

function tookPlace({ status, body }: SimulatorAnswer): boolean {
  const parts = [...String(body).matchAll(/HTTP\/1\.1 (\d)/g)];
  return status === 202 && parts.length > 0 && parts.every(([, kind]) => kind === '2');
}

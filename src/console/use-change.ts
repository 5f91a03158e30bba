import { useEffect, useRef, useState } from 'preact/hooks';
import type { AuditRecord } from '../rename/audit-record.ts';
import { type ApiAnswer, ApiError } from './api-answer.ts';
import type { ApiClient } from './api-client.ts';
import type { Problem } from './explain-problem.ts';
import { followRecord, waitSeconds } from './follow-record.ts';
import { problemOf, readFields } from './problem-of.ts';

/** A rename or an undo, from the click to the truth. */
export type Change =
  | { readonly step: 'idle' }
  | { readonly step: 'sending' }
  | { readonly step: 'done'; readonly answer: ApiAnswer; readonly name: string }
  | { readonly step: 'refused'; readonly answer: ApiAnswer | null; readonly problem: Problem }
  /** The answer could not say it: the record is read until it does. */
  | { readonly step: 'following'; readonly answer: ApiAnswer; readonly looks: number }
  | { readonly step: 'settled'; readonly answer: ApiAnswer; readonly record: AuditRecord };

export interface ChangeInHand {
  readonly change: Change;
  readonly run: (send: () => Promise<ApiAnswer>) => void;
  /** Forgets what was said of a change that ended. */
  readonly clear: () => void;
}

/** `onStep` is told of each step that can show in the lists and records: not of each look at a record. */
export function useChange({
  api,
  projectId,
  task,
  onStep,
}: {
  readonly api: ApiClient;
  readonly projectId: string;
  readonly task: 'rename' | 'undo';
  readonly onStep: (change: Change) => void;
}): ChangeInHand {
  const [change, setChange] = useState<Change>({ step: 'idle' });
  const ending = useRef(new AbortController());
  useEffect(() => () => ending.current.abort(), []);

  const show = (next: Change): void => {
    setChange(next);
    const isLook = next.step === 'following' && next.looks > 0;
    if (next.step !== 'idle' && next.step !== 'sending' && !isLook) onStep(next);
  };

  const follow = async (answer: ApiAnswer, renameId: string, signal: AbortSignal): Promise<void> => {
    show({ step: 'following', answer, looks: 0 });
    const reference = answer.headers.get('location');
    const location = reference === null ? null : new URL(reference, answer.url).href;
    const record = await followRecord({
      read: () => api.record({ projectId, renameId, location }, signal),
      wait: (seconds) => waitSeconds(seconds, signal),
      firstWaitSeconds: 0, // it may have ended with the answer: nothing was sent, say
      onLook: (looks) => show({ step: 'following', answer, looks }),
    }).catch(() => {
      throw new ApiError(answer); // a caller who may not read records knows what the answer says, no more
    });
    show({ step: 'settled', answer, record });
  };

  const run = async (send: () => Promise<ApiAnswer>): Promise<void> => {
    ending.current.abort();
    ending.current = new AbortController();
    const { signal } = ending.current;
    let answer: ApiAnswer | null = null;
    show({ step: 'sending' });
    try {
      answer = await send();
      const { renameId, name } = readFields(answer);
      if (answer.status === 200 && name !== null) show({ step: 'done', answer, name });
      else if (isOpen(answer) && renameId !== null) await follow(answer, renameId, signal);
      else throw new ApiError(answer);
    } catch (error) {
      if (!signal.aborted) show({ step: 'refused', answer, problem: problemOf(error, task) });
    }
  };

  const clear = (): void => {
    if (change.step !== 'sending' && change.step !== 'following') setChange({ step: 'idle' });
  };
  return { change, run: (send) => void run(send), clear };
}

/** 502 and 504 with a record: the record knows later. */
function isOpen({ status, headers }: ApiAnswer): boolean {
  return (status === 502 || status === 504) && headers.has('location');
}

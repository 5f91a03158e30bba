import type { RenameOutcome } from './audit-record.ts';
import { RenameError } from './rename-error.ts';
import type { RenamedIteration, UpstreamAnswer } from './upstream.ts';

/** What an upstream answer proves: the part of the outcome that goes on record, or null where nothing is proved yet. */
export type Verdict = Pick<
  RenameOutcome,
  | 'status'
  | 'attempts'
  | 'upstreamStatus'
  | 'upstreamCode'
  | 'upstreamMessage'
  | 'upstreamRequestId'
  | 'evidence'
> | null;

export function judgeAnswer(answer: UpstreamAnswer): Verdict {
  const said = { attempts: answer.attempts, upstreamRequestId: answer.requestId };
  switch (answer.kind) {
    case 'renamed':
      return {
        ...said,
        ...SAID_NOTHING,
        status: 'succeeded',
        upstreamStatus: answer.status,
        evidence: 'response',
      };
    case 'refused':
    case 'key_refused':
      return { ...said, ...wordsOf(answer.refusal), status: 'rejected', evidence: 'response' };
    case 'refusal_withheld':
      return {
        ...said,
        ...SAID_NOTHING,
        status: 'rejected',
        upstreamStatus: answer.status,
        evidence: 'response',
      };
    case 'throttled':
      return { ...said, ...wordsOf(answer.refusal), status: 'not_applied', evidence: 'response' };
    case 'not_sent':
      return { ...said, ...SAID_NOTHING, status: 'not_applied', upstreamStatus: null, evidence: null };
    case 'faulty':
    case 'no_answer':
      return null;
  }
}

/** The iteration to answer with, or the error that the caller is to see. */
export function answerCaller(answer: UpstreamAnswer, renameId: string, leaseMs: number): RenamedIteration {
  switch (answer.kind) {
    case 'renamed':
      if (answer.iteration === null) throw new RenameError('answer_withheld', { renameId });
      return answer.iteration;
    case 'refused':
      throw new RenameError('upstream_refused', { renameId, refusal: answer.refusal });
    case 'key_refused':
      throw new RenameError('training_key_refused', { renameId });
    case 'refusal_withheld':
      throw new RenameError('answer_withheld', { renameId });
    case 'throttled':
      throw new RenameError('upstream_throttled', {
        renameId,
        refusal: answer.refusal,
        retryAfterMs: answer.retryAfterMs,
      });
    case 'not_sent':
      throw new RenameError(NOT_SENT[answer.reason], { renameId });
    case 'faulty':
      throw new RenameError('upstream_faulty', { renameId, retryAfterMs: leaseMs });
    case 'no_answer':
      throw new RenameError('outcome_unknown', { renameId, retryAfterMs: leaseMs });
  }
}

const SAID_NOTHING = { upstreamCode: null, upstreamMessage: null } as const;

function wordsOf(refusal: { status: number; code: string; message: string }) {
  return { upstreamStatus: refusal.status, upstreamCode: refusal.code, upstreamMessage: refusal.message };
}

const NOT_SENT = {
  training_key_unavailable: 'training_key_unavailable',
  unreachable: 'upstream_unreachable',
  too_late: 'too_late_to_send',
} as const;

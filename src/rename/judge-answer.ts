import type { RenameOutcome } from './audit-record.ts';
import { NOT_UNDONE, type NotUndone, notUndoneError } from './not-undone.ts';
import { RenameError, type RenameErrorCode } from './rename-error.ts';
import type { RenamedIteration, UpstreamAnswer } from './upstream.ts';

/**
 * The answer to a rename, or, where the upstream gave none that is of use, what one look at the iteration
 * showed.
 */
export type SentAnswer =
  | UpstreamAnswer
  | (Pick<UpstreamAnswer, 'attempts' | 'requestId'> & {
      /** The iteration has the new name and did not have it before. */
      readonly kind: 'shown';
      /** Of the answer that was of no use; null where there was none. */
      readonly status: number | null;
      readonly iteration: RenamedIteration;
    })
  | NotUndone;

/** What an answer proves: the part of the outcome that goes on record. */
export type Verdict = Pick<
  RenameOutcome,
  | 'status'
  | 'appliedName'
  | 'attempts'
  | 'upstreamStatus'
  | 'upstreamCode'
  | 'upstreamMessage'
  | 'upstreamRequestId'
  | 'evidence'
>;

/** Null where nothing is proved yet. */
export function judgeAnswer(answer: SentAnswer, requestedName: string): Verdict | null {
  const said = {
    ...SAID_NOTHING,
    appliedName: null,
    attempts: answer.attempts,
    upstreamRequestId: answer.requestId,
  };
  const inAnotherForm = (name: string) => (name === requestedName ? null : name);
  switch (answer.kind) {
    case 'renamed':
      return {
        ...said,
        status: 'succeeded',
        appliedName: inAnotherForm(answer.appliedName),
        upstreamStatus: answer.status,
        evidence: 'response',
      };
    case 'shown':
      return {
        ...said,
        status: 'succeeded',
        appliedName: inAnotherForm(answer.iteration.name),
        upstreamStatus: answer.status,
        evidence: 'state',
      };
    case 'refused':
      return { ...said, ...wordsOf(answer.refusal), status: 'rejected', evidence: 'response' };
    case 'refusal_withheld':
      return { ...said, status: 'rejected', upstreamStatus: answer.status, evidence: 'response' };
    case 'access_refused':
    case 'throttled':
      return { ...said, ...wordsOf(answer.refusal), status: 'not_applied', evidence: 'response' };
    case 'not_sent':
      return { ...said, status: 'not_applied', upstreamStatus: null, evidence: null };
    case 'not_undone': {
      const upstreamMessage = NOT_UNDONE[answer.reading.kind];
      return { ...said, upstreamMessage, status: 'not_applied', upstreamStatus: null, evidence: null };
    }
    case 'faulty':
    case 'no_answer':
      return null;
  }
}

/**
 * The iteration to answer with, or the error that the caller is to see. `retryAfterMs`: what is left of the
 * lease, for a caller who waits.
 */
export function answerCaller(
  answer: SentAnswer,
  renameId: string,
  whenUnknown: { readonly retryAfterMs?: number } = {},
): RenamedIteration {
  switch (answer.kind) {
    case 'renamed':
      if (answer.iteration === null) throw new RenameError('answer_withheld', { renameId });
      return answer.iteration;
    case 'shown':
      return answer.iteration;
    case 'refused':
      throw new RenameError('upstream_refused', { renameId, refusal: answer.refusal });
    case 'access_refused':
      throw new RenameError('access_refused', {
        renameId,
        requeueAfterMs: /quota/i.test(answer.refusal.message) ? QUOTA_RETRY_AFTER_MS : ACCESS_RETRY_AFTER_MS,
      });
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
    case 'not_undone':
      throw notUndoneError(answer, renameId);
    case 'faulty':
    case 'no_answer':
      throw new RenameError(UNANSWERED[answer.kind], { renameId, ...whenUnknown });
  }
}

/** Operators need minutes to give access back; a quota takes hours or days to be filled again. */
const ACCESS_RETRY_AFTER_MS = 60_000;
const QUOTA_RETRY_AFTER_MS = 60 * 60_000;

/** The error that a repeat of the request gets while nothing more is known. */
export const UNANSWERED = {
  faulty: 'upstream_faulty',
  no_answer: 'outcome_unknown',
} as const satisfies Record<string, RenameErrorCode>;

const SAID_NOTHING = { upstreamCode: null, upstreamMessage: null } as const;

function wordsOf(refusal: { status: number; code: string; message: string }) {
  return { upstreamStatus: refusal.status, upstreamCode: refusal.code, upstreamMessage: refusal.message };
}

const NOT_SENT = {
  training_key_unavailable: 'training_key_unavailable',
  unreachable: 'upstream_unreachable',
  too_late: 'too_late_to_send',
} as const;

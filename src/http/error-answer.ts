import type { HttpResponseInit } from '@azure/functions';
import { CallerError } from '../callers/caller-error.ts';
import { LookUpError } from '../custom-vision/look-up-error.ts';
import { EvaluationError } from '../expressions/evaluation-error.ts';
import { HistoryUnavailable } from '../rename/rename-history.ts';
import { RenameError } from '../rename/rename-error.ts';
import { answerError } from './answer.ts';
import { recordLocation } from './record-location.ts';
import { CALLER_ANSWERS, type KnownAnswer, RENAME_ANSWERS, REQUEST_ANSWERS } from './known-answers.ts';
import { LOOK_UP_ANSWERS } from './look-up-answers.ts';
import { RequestError } from './request-error.ts';

/** What an answer depends on beside the error. */
export interface RefusedRequest {
  readonly url: string;
  readonly accept: string | null;
  /** Null where its path names no project. */
  readonly projectId: string | null;
}

/** The answer to an error; null for an unexpected error, which the caller of this function reports. */
export function answerThrown(error: unknown, request: RefusedRequest): HttpResponseInit | null {
  const { accept } = request;
  if (error instanceof RequestError) {
    const { status, code } = REQUEST_ANSWERS[error.code];
    const details = error.details.length > 0 ? { details: error.details } : {};
    return answerError(status, { code, message: error.message, ...details }, accept);
  }
  if (error instanceof RenameError) return answerRenameError(error, request);
  if (error instanceof LookUpError) return answerLookUpError(error, accept);
  if (error instanceof CallerError) return answerCallerError(error, accept);
  if (error instanceof EvaluationError) return answerEvaluationError(error, accept);
  if (error instanceof HistoryUnavailable) return answerHistoryUnavailable(accept);
  return null;
}

function answerRenameError(error: RenameError, { url, accept, projectId }: RefusedRequest): HttpResponseInit {
  const known: KnownAnswer = RENAME_ANSWERS[error.code];
  const { status, code, message } = error.refusal ?? withShownName(known, error.shownName);
  const retryAfterMs = error.retryAfterMs ?? known.retryAfterMs;
  const { renameId } = error;
  const headers: Record<string, string> = {};
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
  if (error.replayed) headers['idempotency-replayed'] = 'true';
  if (renameId !== null) {
    headers['rename-id'] = renameId;
    if (projectId !== null) headers['location'] = recordLocation(url, projectId, renameId);
  }
  return answerError(status, { code, message, ...(renameId === null ? {} : { renameId }) }, accept, headers);
}

/** Other than the known message: only the answer itself can name it. */
function withShownName(known: KnownAnswer, shownName: string | null): KnownAnswer {
  if (shownName === null) return known;
  const name = shownName.slice(0, MAX_NAME_LENGTH).toWellFormed();
  return { ...known, message: `The iteration has another name now: "${name}". Nothing was renamed.` };
}

/** The service's names are shorter. */
const MAX_NAME_LENGTH = 1024;

function answerLookUpError(error: LookUpError, accept: string | null): HttpResponseInit {
  const known: KnownAnswer = LOOK_UP_ANSWERS[error.code];
  const { status, code, message } = error.refusal ?? known;
  const retryAfterMs = error.retryAfterMs ?? known.retryAfterMs;
  const headers: Record<string, string> =
    retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) };
  return answerError(status, { code, message }, accept, headers);
}

function answerCallerError(error: CallerError, accept: string | null): HttpResponseInit {
  const { status, code, message } = CALLER_ANSWERS[error.code];
  const headers: Record<string, string> = {};
  if (error.code === 'unauthenticated') headers['www-authenticate'] = error.challenge;
  if (status === 503) headers['retry-after'] = '5';
  return answerError(status, { code, message }, accept, headers);
}

const EVALUATION_ANSWERS = {
  // Only an operator can change that: the delivery stays good for a later try.
  over_bounds: {
    message: "This source's expression is over its bounds on this delivery",
    retryAfterSeconds: 60,
  },
  line_full: { message: 'Too many deliveries of this source are being evaluated', retryAfterSeconds: 5 },
  evaluator_down: { message: "This source's expression cannot be evaluated now", retryAfterSeconds: 5 },
} as const satisfies Record<EvaluationError['code'], { message: string; retryAfterSeconds: number }>;

function answerEvaluationError(error: EvaluationError, accept: string | null): HttpResponseInit {
  const { message, retryAfterSeconds } = EVALUATION_ANSWERS[error.code];
  const body = { code: 'ErrorUnknown', message: `${message}: ${error.message}. Nothing was renamed.` };
  return answerError(503, body, accept, { 'retry-after': String(retryAfterSeconds) });
}

function answerHistoryUnavailable(accept: string | null): HttpResponseInit {
  const body = { code: 'ErrorUnknown', message: 'The audit records cannot be read now.' };
  return answerError(503, body, accept, { 'retry-after': '5' });
}

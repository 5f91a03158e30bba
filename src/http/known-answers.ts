import type { CallerError } from '../callers/caller-error.ts';
import type { RenameErrorCode } from '../rename/rename-error.ts';
import type { RequestErrorCode } from './request-error.ts';

/** The answer to an error of one code. */
export interface KnownAnswer {
  readonly status: number;
  /** One of the service's documented codes, where one fits. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
}

export const RENAME_ANSWERS = {
  throttled: { status: 429, code: 'ErrorUnknown', message: 'Too many renames at once. Nothing was renamed.' },
  shutting_down: {
    status: 503,
    code: 'ErrorUnknown',
    message: 'This instance is stopping. Nothing was renamed.',
  },
  iteration_busy: {
    status: 409,
    code: 'Conflict',
    message: 'The iteration is being renamed by another request.',
  },
  idempotency_key_in_flight: {
    status: 409,
    code: 'Conflict',
    message: 'The same request, or one with this Idempotency-Key, is still under way.',
  },
  idempotency_key_reused: {
    status: 422,
    code: 'Conflict',
    message: 'This Idempotency-Key was used for another rename. Use a new key.',
  },
  audit_unavailable: {
    status: 503,
    code: 'ErrorUnknown',
    message: 'The audit record could not be written. Nothing was renamed.',
    retryAfterMs: 5000,
  },
  delivery_id_reused: {
    status: 422,
    code: 'Conflict',
    message: 'A delivery with this id asked for another rename. Give each delivery an id of its own.',
  },
  undone_too_early: {
    status: 409,
    code: 'Conflict',
    message: 'This rename is still under way: it can be undone once its record says succeeded.',
  },
  nothing_to_undo: {
    status: 409,
    code: 'Conflict',
    message: 'This rename did not succeed, so that there is nothing to undo: see its record.',
  },
  previous_name_unknown: {
    status: 422,
    code: 'Conflict',
    message: 'The record tells no other name that the iteration had before. Rename the iteration instead.',
  },
  acceptance_unknown: {
    status: 503,
    code: 'ErrorUnknown',
    message:
      'The audit record could not be confirmed, so it is not known whether the rename was accepted. Deliver it again: it is made at most once.',
    retryAfterMs: 5000,
  },
  training_key_unavailable: {
    status: 503,
    code: 'ErrorUnknown',
    message: 'The training key could not be fetched. Nothing was renamed.',
    retryAfterMs: 5000,
  },
  too_late_to_send: {
    status: 503,
    code: 'ErrorUnknown',
    message: 'Preparing the rename took too long. Nothing was renamed.',
    retryAfterMs: 5000,
  },
  upstream_unreachable: {
    status: 502,
    code: 'ErrorUnknown',
    message: 'Custom Vision could not be reached. Nothing was renamed.',
  },
  upstream_throttled: {
    status: 429,
    code: 'ErrorUnknown',
    message: 'Custom Vision asked for a pause. Nothing was renamed.',
  },
  upstream_refused: { status: 502, code: 'ErrorUnknown', message: 'Custom Vision refused the rename.' },
  access_refused: {
    status: 502,
    code: 'ErrorUnknown',
    message:
      "Custom Vision, or a gateway before it, refused this proxy's own access. Nothing was renamed; tell its operators.",
  },
  iteration_unreadable: {
    status: 503,
    code: 'ErrorUnknown',
    message:
      'The iteration could not be read, so that it is not known which name it has. Nothing was renamed.',
    retryAfterMs: 5000,
  },
  renamed_since: {
    status: 409,
    code: 'Conflict',
    message: 'The iteration is gone. Nothing was renamed.',
  },
  upstream_faulty: {
    status: 502,
    code: 'ErrorUnknown',
    message: 'Custom Vision gave no usable answer. The audit record will show the outcome.',
  },
  outcome_unknown: {
    status: 504,
    code: 'ErrorUnknown',
    message: 'Custom Vision gave no answer in time. The audit record will show the outcome.',
  },
  answer_withheld: {
    status: 502,
    code: 'ErrorUnknown',
    message: 'The answer of Custom Vision cannot be shown. The audit record shows the outcome.',
  },
  unresolved: {
    status: 504,
    code: 'ErrorUnknown',
    message: 'The outcome of this rename is unknown. Compare the iteration with the audit record.',
  },
} as const satisfies Record<RenameErrorCode, KnownAnswer>;

export const REQUEST_ANSWERS = {
  malformed_body: { status: 400, code: 'BadRequest' },
  name_missing: { status: 400, code: 'BadRequestRequiredParamIsNull' },
  name_not_acceptable: { status: 400, code: 'BadRequestIterationName' },
  invalid_ids: { status: 400, code: 'BadRequestInvalidIds' },
  invalid_request: { status: 400, code: 'BadRequest' },
  unsupported_media_type: { status: 415, code: 'UnsupportedMediaType' },
  body_too_large: { status: 413, code: 'BadRequest' },
  length_required: { status: 411, code: 'BadRequest' },
  unknown_resource: { status: 404, code: 'NotFound' },
  not_found: { status: 404, code: 'NotFound' },
} as const satisfies Record<RequestErrorCode, { status: number; code: string }>;

export const CALLER_ANSWERS = {
  unauthenticated: { status: 401, code: 'Unauthorized', message: 'A valid credential is required.' },
  issuer_unavailable: {
    status: 503,
    code: 'ErrorUnknown',
    message: 'The credential cannot be checked now. The request had no effect.',
  },
  secret_unavailable: {
    status: 503,
    code: 'ErrorUnknown',
    message: 'The signature cannot be checked now. Nothing was renamed.',
  },
  forbidden: {
    status: 403,
    code: 'ForbiddenUserInsufficientCapability',
    message: 'No grant allows this caller to do this.',
  },
} as const satisfies Record<CallerError['code'], KnownAnswer>;

import { LOOK_UP_MAX_MIB } from '../custom-vision/look-up.ts';
import type { LookUpErrorCode } from '../custom-vision/look-up-error.ts';
import type { KnownAnswer } from './known-answers.ts';

export const LOOK_UP_ANSWERS = {
  look_up_throttled: {
    status: 429,
    code: 'ErrorUnknown',
    message: 'Too many requests at once. Nothing was looked up.',
  },
  look_up_shutting_down: {
    status: 503,
    code: 'ErrorUnknown',
    message: 'This instance is stopping. Nothing was looked up.',
  },
  look_up_without_key: {
    status: 503,
    code: 'ErrorUnknown',
    message: 'The training key could not be fetched. Nothing was looked up.',
    retryAfterMs: 5000,
  },
  look_up_unreachable: {
    status: 502,
    code: 'ErrorUnknown',
    message: 'The look-up failed: Custom Vision could not be reached.',
  },
  look_up_pause: {
    status: 429,
    code: 'ErrorUnknown',
    message: 'The look-up failed: Custom Vision asked for a pause.',
  },
  look_up_refused: {
    status: 502,
    code: 'ErrorUnknown',
    message: 'The look-up failed: Custom Vision refused it.',
  },
  look_up_access_refused: {
    status: 502,
    code: 'ErrorUnknown',
    message:
      "The look-up failed: Custom Vision, or a gateway before it, refused this proxy's own access. Tell its operators.",
  },
  look_up_faulty: {
    status: 502,
    code: 'ErrorUnknown',
    message: 'The look-up failed: Custom Vision gave no usable answer.',
  },
  look_up_too_large: {
    status: 502,
    code: 'ErrorUnknown',
    message: `The look-up failed: the answer of Custom Vision is larger than ${LOOK_UP_MAX_MIB} MiB. Look up one project or iteration by its id, or delete those that are no longer needed.`,
  },
  look_up_withheld: {
    status: 502,
    code: 'ErrorUnknown',
    message:
      'The look-up failed: the answer of Custom Vision cannot be shown. Tell the operators of this proxy.',
  },
  look_up_unanswered: {
    status: 504,
    code: 'ErrorUnknown',
    message: 'The look-up failed: Custom Vision gave no answer in time.',
  },
} as const satisfies Record<LookUpErrorCode, KnownAnswer>;

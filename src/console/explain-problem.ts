import { type AnswerFields, type ApiAnswer, ApiError, NoAnswer, retryAfterOf } from './api-answer.ts';

/** What the page was doing. */
export type Task = 'sign-in' | 'look-up' | 'history' | 'rename' | 'undo';

/** A failure in words: what happened, what to do, and what the proxy said. */
export interface Problem {
  readonly title: string;
  readonly advice: string;
  readonly said: readonly string[];
  readonly status: number | null;
  readonly retryAfterSeconds: number | null;
  /** Whether the same request may end better. */
  readonly canRetry: boolean;
}

type Words = Pick<Problem, 'title' | 'advice'> & { readonly canRetry?: boolean };

const isChange = (task: Task): boolean => task === 'rename' || task === 'undo';

const SAFE_REPEAT = 'Trying again is safe: it is the same request, and one request has one effect.';
const NOTHING_CHANGED = 'Nothing was renamed.';

/** `isOnline`: as the browser thinks. */
export function explainProblem(
  error: unknown,
  { task, isOnline, fields }: { task: Task; isOnline: boolean; fields: (answer: ApiAnswer) => AnswerFields },
): Problem {
  if (error instanceof ApiError) return explainAnswer(error.answer, fields(error.answer), task);
  const common = { said: [], status: null, retryAfterSeconds: null, canRetry: true };
  if (error instanceof Error && error.name === 'SignInNeeded') {
    return { ...common, title: 'Your sign-in has expired', advice: 'Sign in again: what you typed stays.' };
  }
  if (error instanceof Error && error.name === 'SignInRefused') {
    const advice = 'Try again. Where no window came up, allow this page to open one.';
    return { ...common, said: [error.message], title: 'You were not signed in', advice };
  }
  if (!(error instanceof NoAnswer)) {
    const said = error instanceof Error ? [error.message] : [];
    return { ...common, said, title: 'This page failed', advice: 'Reload the page, then try again.' };
  }
  return {
    ...common,
    title: isOnline ? 'No answer came from the proxy' : 'You are offline',
    advice: [
      isOnline ? 'Check the network and that the proxy runs, then try again.' : 'Connect, then try again.',
      ...(isChange(task) ? [`The rename may have been made. ${SAFE_REPEAT}`] : []),
    ].join(' '),
  };
}

export function explainAnswer(answer: ApiAnswer, fields: AnswerFields, task: Task): Problem {
  const retryAfterSeconds = retryAfterOf(answer);
  const {
    title,
    advice,
    canRetry = retryAfterSeconds !== null,
  } = wordsFor(answer.status, fields, task, retryAfterSeconds);
  const said = [...(fields.message === null ? [] : [fields.message]), ...fields.details];
  return { title, advice, said, status: answer.status, retryAfterSeconds, canRetry };
}

function wordsFor(
  status: number,
  { code, renameId }: AnswerFields,
  task: Task,
  retryAfterSeconds: number | null,
): Words {
  switch (status) {
    case 400:
      return code?.startsWith('BadRequestIterationName') === true
        ? { title: 'The name is refused', advice: 'Choose another name.' }
        : { title: 'The request is refused', advice: 'Correct what is said below.' };
    case 401:
      return task === 'sign-in' ? UNKNOWN_KEY : SIGN_IN_AGAIN;
    case 403:
      return NO_GRANT[task];
    case 404:
      return {
        title: 'Not found',
        advice: 'It may have been deleted, or the id may be mistyped. Reload the lists.',
      };
    case 409:
      return task === 'undo' && retryAfterSeconds === null ? CANNOT_UNDO : conflict(task);
    case 422:
      return task === 'undo' ? NO_PREVIOUS_NAME : USED_KEY;
    case 429:
      return {
        title: 'Too many requests',
        advice: 'Wait as long as the button says, then try again.',
        canRetry: true,
      };
    default:
      return status >= 500 ? explainFailure(status, renameId, task) : UNEXPECTED;
  }
}

function explainFailure(status: number, renameId: string | null, task: Task): Words {
  if (status === 503) {
    const advice = `${isChange(task) ? `${NOTHING_CHANGED} ` : ''}Wait a little, then try again.`;
    return { title: 'The proxy cannot do this now', advice, canRetry: true };
  }
  if (isChange(task) && renameId !== null) {
    const title = 'Not known yet whether the iteration was renamed';
    return { title, advice: SAFE_REPEAT, canRetry: true };
  }
  const title = status === 504 ? 'Custom Vision did not answer in time' : 'Custom Vision cannot be reached';
  const advice = 'Try again in a minute. If it stays so, tell the operators of this proxy.';
  return { title, advice, canRetry: true };
}

function conflict(task: Task): Words {
  return {
    title: 'Another request renames this iteration now',
    advice: `${task === 'undo' ? '' : `${NOTHING_CHANGED} `}Wait until it has ended, then try again.`,
    canRetry: true,
  };
}

const UNKNOWN_KEY: Words = {
  title: 'This key is not accepted',
  advice:
    'Check that it was copied whole, and that it was not replaced. The operators of this proxy give out keys; a training key of Custom Vision does not work here.',
};
const SIGN_IN_AGAIN: Words = {
  title: 'Your sign-in is no longer accepted',
  advice: 'Sign in again: what you typed stays.',
  canRetry: true,
};
const NO_GRANT: Readonly<Record<Task, Words>> = {
  'sign-in': { title: 'You are known, but nothing is granted to you', advice: askFor('rename or read') },
  'look-up': { title: 'You may not look here', advice: askFor('rename or read') },
  history: {
    title: 'You may not read the history of this project',
    advice: `${askFor('read')} Renaming works without it.`,
  },
  rename: {
    title: 'You may not give this name here',
    advice: `${NOTHING_CHANGED} ${askFor('rename')} It may also allow certain names only.`,
  },
  undo: { title: 'You may not undo this rename', advice: `${NOTHING_CHANGED} ${askFor('rename')}` },
};
const CANNOT_UNDO: Words = {
  title: 'This rename cannot be undone now',
  advice: `${NOTHING_CHANGED} If the iteration should still have the earlier name, rename it by the form.`,
};
const NO_PREVIOUS_NAME: Words = {
  title: 'The name before is not known',
  advice: `${NOTHING_CHANGED} Rename the iteration by the form instead.`,
};
const USED_KEY: Words = {
  title: 'This request was sent before with another name',
  advice: `${NOTHING_CHANGED} Try again: it will be a new request.`,
  canRetry: true,
};
const UNEXPECTED: Words = {
  title: 'An answer that this page does not expect',
  advice: 'Something between you and the proxy may have answered. Ask its operators.',
};

function askFor(may: string): string {
  return `Ask the operators of this proxy for a grant of “${may}” on this project.`;
}

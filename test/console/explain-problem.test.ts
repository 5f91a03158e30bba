import { describe, expect, it } from 'vitest';
import { ApiError, type ApiAnswer, fieldsOf, NoAnswer } from '../../src/console/api-answer.ts';
import { SignInNeeded } from '../../src/console/credential.ts';
import { explainProblem, type Task } from '../../src/console/explain-problem.ts';

const explain = (error: unknown, task: Task, isOnline = true) =>
  explainProblem(error, { task, isOnline, fields: (answer) => fieldsOf(answer, () => null) });
const answered = (status: number, body: object | string = {}, headers: Record<string, string> = {}) => {
  const answer: ApiAnswer = {
    status,
    headers: new Headers(headers),
    body: typeof body === 'string' ? body : JSON.stringify(body),
    url: 'http://127.0.0.1/',
  };
  return new ApiError(answer);
};
const UNKNOWN = { code: 'ErrorUnknown', message: 'No answer in time.', renameId: 'r-1' };

describe('what to do', () => {
  it.each<{ case: string; error: Error; task: Task; advice: RegExp }>([
    { case: 'a wrong key', error: answered(401, ''), task: 'sign-in', advice: /operators .* give out keys/ },
    { case: 'a key that was withdrawn', error: answered(401), task: 'rename', advice: /Sign in again/ },
    { case: 'an expired token', error: new SignInNeeded(), task: 'rename', advice: /Sign in again/ },
    { case: 'no grant to rename', error: answered(403), task: 'rename', advice: /grant of “rename”/ },
    {
      case: 'no grant to read',
      error: answered(403),
      task: 'history',
      advice: /grant of “read”.*Renaming works/,
    },
    {
      case: 'a refused name',
      error: answered(400, { code: 'BadRequestIterationName' }),
      task: 'rename',
      advice: /another name/,
    },
    { case: 'a lost answer', error: new NoAnswer(), task: 'rename', advice: /may have been made.*safe/ },
    { case: 'an unknown outcome', error: answered(504, UNKNOWN), task: 'rename', advice: /safe/ },
    { case: 'a store that is away', error: answered(503), task: 'undo', advice: /Nothing was renamed/ },
    { case: 'an upstream that is down', error: answered(502), task: 'look-up', advice: /in a minute/ },
    { case: 'a name given since', error: answered(409), task: 'undo', advice: /by the form/ },
    { case: 'no previous name', error: answered(422), task: 'undo', advice: /by the form/ },
    { case: 'too many requests', error: answered(429), task: 'rename', advice: /Wait/ },
    {
      case: "somebody's page",
      error: answered(418, '<html>'),
      task: 'look-up',
      advice: /between you and the proxy/,
    },
  ])('is said after $case', ({ error, task, advice }) => {
    expect(explain(error, task).advice).toMatch(advice);
  });

  it('does not say that a look-up may have renamed', () => {
    for (const error of [new NoAnswer(), answered(503), answered(502, UNKNOWN), answered(504)]) {
      const { title, advice } = explain(error, 'look-up');
      expect(`${title} ${advice}`).not.toMatch(/renamed|rename/);
    }
  });
});

it('says that the browser is offline', () => {
  expect(explain(new NoAnswer(), 'look-up', false).title).toBe('You are offline');
});

it('tells what the proxy says, each fault of it', () => {
  const body = {
    code: 'BadRequest',
    message: 'Not acceptable.',
    details: [{ path: '/name', message: 'is bad' }],
  };
  expect(explain(answered(400, body), 'rename').said).toEqual(['Not acceptable.', '/name is bad']);
});

it('waits as long as the proxy asks, and offers a repeat only where it may end better', () => {
  const busy = explain(answered(409, {}, { 'retry-after': '4' }), 'rename');
  expect([busy.retryAfterSeconds, busy.canRetry]).toEqual([4, true]);
  expect(explain(answered(403), 'rename').canRetry).toBe(false);
  expect(explain(answered(409), 'undo').canRetry).toBe(false);
});

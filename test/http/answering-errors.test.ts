import { type HttpHandler, HttpRequest, InvocationContext } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { CallerError } from '../../src/callers/caller-error.ts';
import { answeringErrors } from '../../src/http/answering-errors.ts';
import { RequestError } from '../../src/http/request-error.ts';
import { RenameError } from '../../src/rename/rename-error.ts';

const SECRET = 'what a dependency said, secret and all';

async function answerTo(thrown: unknown, accept?: string) {
  const lines: string[] = [];
  const context = new InvocationContext({
    functionName: 'rename-iteration',
    logHandler: (level, ...args) => void lines.push([level, ...args].join(' ')),
  });
  const request = new HttpRequest({
    method: 'PATCH',
    url: 'http://proxy.example/',
    params: { projectId: 'AAAAAAAA-1111-4111-8111-111111111111' },
    headers: accept === undefined ? {} : { accept },
  });
  const handler: HttpHandler = () => Promise.reject(thrown);
  const answered = await answeringErrors(handler)(request, context);
  if (typeof answered !== 'object' || !('body' in answered)) throw new Error('no answer');
  const { status, headers, body } = answered;
  return { status, headers: new Headers(Object(headers)), text: typeof body === 'string' ? body : '', lines };
}

describe('an unexpected error', () => {
  it.each([
    { case: 'an Error', thrown: new TypeError(SECRET), reason: 'TypeError' },
    { case: 'an Error with a cause', thrown: new Error('x', { cause: new Error(SECRET) }), reason: 'Error' },
    { case: 'no Error', thrown: SECRET, reason: 'string' },
    { case: 'nothing', thrown: undefined, reason: 'undefined' },
  ])('gets a 500 without its message, and a log line with its name: $case', async ({ thrown, reason }) => {
    const { status, text, lines } = await answerTo(thrown);
    expect(status).toBe(500);
    expect(JSON.parse(text)).toEqual({
      code: 'ErrorUnknown',
      message: expect.stringMatching(/^An unexpected error/),
    });
    expect(lines).toEqual([
      `error {"event":"unexpected_error","where":"rename-iteration","reason":"${reason}"}`,
    ]);
    expect(`${text}${lines.join()}`).not.toContain('secret');
  });

  it('gets a 500 in XML where the caller accepts XML', async () => {
    const { headers, text } = await answerTo(new Error(SECRET), 'text/xml');
    expect(headers.get('content-type')).toBe('text/xml; charset=utf-8');
    expect(text).toMatch(/<CustomVisionError><code>ErrorUnknown<\/code><message>An unexpected error/);
  });
});

describe('a known error', () => {
  it.each([
    { error: new RequestError('malformed_body', 'No.'), status: 400, logged: ['malformed_body'] },
    {
      error: new RenameError('iteration_busy', { retryAfterMs: 1 }),
      status: 409,
      logged: ['iteration_busy'],
    },
    { error: new CallerError('forbidden', 'not_granted'), status: 403, logged: ['forbidden'] },
    {
      error: new CallerError('unauthenticated', 'expired'),
      status: 401,
      logged: ['expired', 'unauthenticated'],
    },
  ])('gets its answer, and a log line with its code: $status', async ({ error, status, logged }) => {
    const answer = await answerTo(error);
    expect(answer.status).toBe(status);
    expect(answer.lines).toHaveLength(logged.length);
    for (const [index, word] of logged.entries()) expect(answer.lines[index]).toContain(`"${word}"`);
  });

  it('gives the location of the record, with the project id in lower case', async () => {
    const error = new RenameError('outcome_unknown', { renameId: 'r-1' });
    const { headers } = await answerTo(error);
    expect(headers.get('location')).toBe('projects/aaaaaaaa-1111-4111-8111-111111111111/renames/r-1');
  });
});

import { describe, expect, it } from 'vitest';
import { CallerError } from '../../src/callers/caller-error.ts';
import { answerThrown } from '../../src/http/error-answer.ts';
import { RequestError, type RequestErrorCode } from '../../src/http/request-error.ts';
import { EvaluationError } from '../../src/expressions/evaluation-error.ts';
import { RenameError, type RenameErrorCode } from '../../src/rename/rename-error.ts';

const PROJECT_ID = '11111111-1111-4111-8111-111111111111';
const RENAME_ID = '8236000000000-abcdefghij';
const REQUEST = { url: 'https://proxy.example/a/b?c=d/e', accept: null, projectId: PROJECT_ID };

/** Status, code, and the default `Retry-After`. The compiler keeps the table complete. */
const RENAME_ERRORS: Record<RenameErrorCode, [status: number, code: string, retryAfter?: string]> = {
  throttled: [429, 'ErrorUnknown'],
  shutting_down: [503, 'ErrorUnknown'],
  iteration_busy: [409, 'Conflict'],
  idempotency_key_in_flight: [409, 'Conflict'],
  idempotency_key_reused: [422, 'Conflict'],
  audit_unavailable: [503, 'ErrorUnknown', '5'],
  delivery_id_reused: [422, 'Conflict'],
  undone_too_early: [409, 'Conflict'],
  nothing_to_undo: [409, 'Conflict'],
  previous_name_unknown: [422, 'Conflict'],
  acceptance_unknown: [503, 'ErrorUnknown', '5'],
  training_key_unavailable: [503, 'ErrorUnknown', '5'],
  too_late_to_send: [503, 'ErrorUnknown', '5'],
  upstream_unreachable: [502, 'ErrorUnknown'],
  upstream_throttled: [429, 'ErrorUnknown'],
  upstream_refused: [502, 'ErrorUnknown'],
  access_refused: [502, 'ErrorUnknown'],
  iteration_unreadable: [503, 'ErrorUnknown', '5'],
  renamed_since: [409, 'Conflict'],
  upstream_faulty: [502, 'ErrorUnknown'],
  outcome_unknown: [504, 'ErrorUnknown'],
  answer_withheld: [502, 'ErrorUnknown'],
  unresolved: [504, 'ErrorUnknown'],
};

const REQUEST_ERRORS: Record<RequestErrorCode, [status: number, code: string]> = {
  malformed_body: [400, 'BadRequest'],
  name_missing: [400, 'BadRequestRequiredParamIsNull'],
  name_not_acceptable: [400, 'BadRequestIterationName'],
  invalid_ids: [400, 'BadRequestInvalidIds'],
  invalid_request: [400, 'BadRequest'],
  unsupported_media_type: [415, 'UnsupportedMediaType'],
  body_too_large: [413, 'BadRequest'],
  length_required: [411, 'BadRequest'],
  unknown_resource: [404, 'NotFound'],
  not_found: [404, 'NotFound'],
};

const CALLER_ERRORS: Record<CallerError['code'], [status: number, code: string, headers: object]> = {
  unauthenticated: [401, 'Unauthorized', { 'www-authenticate': 'Bearer error="invalid_token"' }],
  issuer_unavailable: [503, 'ErrorUnknown', { 'retry-after': '5' }],
  secret_unavailable: [503, 'ErrorUnknown', { 'retry-after': '5' }],
  forbidden: [403, 'ForbiddenUserInsufficientCapability', {}],
};

function answer(error: unknown, accept: string | null = null) {
  const { status, headers, body } = answerThrown(error, { ...REQUEST, accept }) ?? {};
  return { status, headers: new Headers(Object(headers)), body: typeof body === 'string' ? body : '' };
}

const keysOf = <K extends string>(table: Record<K, unknown>) =>
  Object.keys(table).filter((key): key is K => Object.hasOwn(table, key));

const EVALUATION_ERRORS: Record<EvaluationError['code'], string> = {
  over_bounds: '60',
  line_full: '5',
  evaluator_down: '5',
};

it.each(keysOf(EVALUATION_ERRORS))('the answer to %s is a 503 that says why and when to retry', (code) => {
  const { status, headers, body } = answer(new EvaluationError(code, 'it takes too long'));
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe(EVALUATION_ERRORS[code]);
  expect(JSON.parse(body)).toEqual({
    code: 'ErrorUnknown',
    message: expect.stringMatching(/: it takes too long\. Nothing was renamed\.$/),
  });
});

describe('the answer to a rename error', () => {
  it.each(keysOf(RENAME_ERRORS))('%s has the answer of its row', (code) => {
    const [status, answeredCode, retryAfter = null] = RENAME_ERRORS[code];
    const { headers, ...said } = answer(new RenameError(code));
    expect(said.status).toBe(status);
    expect(JSON.parse(said.body)).toEqual({ code: answeredCode, message: expect.stringMatching(/\.$/) });
    expect(headers.get('retry-after')).toBe(retryAfter);
    expect(headers.has('location')).toBe(false);
  });

  it('gives the location of the record, and when to retry in whole seconds', () => {
    const { headers, body } = answer(
      new RenameError('outcome_unknown', { renameId: RENAME_ID, retryAfterMs: 1001, replayed: true }),
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      'rename-id': RENAME_ID,
      location: `../projects/${PROJECT_ID}/renames/${RENAME_ID}`,
      'retry-after': '2',
      'idempotency-replayed': 'true',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(JSON.parse(body)).toMatchObject({ renameId: RENAME_ID });
  });

  it('tells which name the iteration has now, as text and within bounds', () => {
    const markup = new RenameError('renamed_since', { shownName: '<b>"x"&' });
    expect(answer(markup, 'text/xml').body).toContain(
      '<message>The iteration has another name now: "&lt;b&gt;"x"&amp;". Nothing was renamed.</message>',
    );
    const long = new RenameError('renamed_since', { shownName: 'n'.repeat(5000) });
    expect(answer(long, 'text/xml').body.length).toBeLessThan(1300);
  });

  it('never shows the cause', () => {
    const { body } = answer(new RenameError('audit_unavailable', { cause: new Error('the secret cause') }));
    expect(body).not.toContain('secret');
  });

  it.each([400, 403, 404, 409, 418, 429])("is the upstream's own where it refused with %i", (status) => {
    const refusal = { status, code: 'BadRequestIterationName', message: 'No <that> & "no"' };
    const error = new RenameError('upstream_refused', { renameId: RENAME_ID, refusal });
    expect(answer(error).status).toBe(status);
    expect(JSON.parse(answer(error).body)).toEqual({
      code: refusal.code,
      message: refusal.message,
      renameId: RENAME_ID,
    });
    expect(answer(error, 'application/xml').body).toBe(
      `<?xml version="1.0" encoding="utf-8"?><CustomVisionError><code>BadRequestIterationName</code>` +
        `<message>No &lt;that&gt; &amp; "no"</message><renameId>${RENAME_ID}</renameId></CustomVisionError>`,
    );
  });
});

it('does not claim that nothing is renamed where a delivery may have been accepted', () => {
  const { body } = answer(new RenameError('acceptance_unknown'));
  expect(body).toContain('not known whether the rename was accepted');
  expect(body).not.toMatch(/nothing/i);
});

describe('the answer to a request error', () => {
  it.each(keysOf(REQUEST_ERRORS))('%s has the answer of its row, with every fault', (code) => {
    const [status, answeredCode] = REQUEST_ERRORS[code];
    const details = [
      { path: '/name', message: 'is <wrong>' },
      { path: '/x', message: 'is unknown' },
    ];
    const said = answer(new RequestError(code, 'Not like this.', details));
    expect(said.status).toBe(status);
    expect(JSON.parse(said.body)).toEqual({ code: answeredCode, message: 'Not like this.', details });
    expect(answer(new RequestError(code, 'Not like this.', details), 'text/xml').body).toBe(
      `<?xml version="1.0" encoding="utf-8"?><CustomVisionError><code>${answeredCode}</code><message>Not like this.` +
        '</message><details><path>/name</path><message>is &lt;wrong&gt;</message></details>' +
        '<details><path>/x</path><message>is unknown</message></details></CustomVisionError>',
    );
  });
});

describe('the answer to a caller error', () => {
  it.each(keysOf(CALLER_ERRORS))('%s has the answer of its row, without the reason', (code) => {
    const [status, answeredCode, headers] = CALLER_ERRORS[code];
    const challenge = 'Bearer error="invalid_token"';
    const said = answer(new CallerError(code, 'expired_yesterday', { challenge }));
    expect(said.status).toBe(status);
    expect(JSON.parse(said.body)['code']).toBe(answeredCode);
    expect(Object.fromEntries(said.headers)).toMatchObject(headers);
    expect(said.body).not.toContain('expired');
  });
});

it.each([new Error('anything'), 'a string', null, { code: 'throttled' }])(
  'has no answer for an unexpected error: %s',
  (error) => {
    expect(answerThrown(error, REQUEST)).toBeNull();
  },
);

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FaultKind } from '../stack/faults.ts';
import {
  liveThrough,
  type MatrixCase,
  promisedLife,
  leaseMs,
  type Scene,
  SETTINGS,
  UPSTREAM_TIMEOUT_MS,
} from './fault-matrix.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ maxConcurrency: 50, testTimeout: 60_000, hookTimeout: 120_000 });

let proxy: RenameProxy;
beforeAll(async () => {
  // One that can be unreachable without the others noticing.
  proxy = await startRenameProxy({ resources: ['default', 'away'], settings: SETTINGS });
  await proxy.rename(proxy.seed(), {});
});
afterAll(() => proxy.stop());

/** Meets this iteration's requests of one method. */
const meeting =
  (method: 'GET' | 'PATCH', fault: FaultKind) =>
  ({ stack, resource, iterationId }: Scene) => {
    const simulator = stack.customVisions[resource];
    const injected = simulator?.faults.inject({
      ...fault,
      when: (request) => request.method === method && request.path.includes(iterationId),
    });
    return () => injected?.clear();
  };

/** Not known when the caller is answered, who is to come back after the quarantine. */
const noAnswer = { status: 504, retryAfter: leaseMs / 1000, located: true };
const faulty = { ...noAnswer, status: 502 };
const renamed = { status: 200, located: true };

const PATCH_FAULTS: MatrixCase[] = [
  {
    case: 'hangs',
    fault: meeting('PATCH', { kind: 'hang' }),
    answer: noAnswer,
    again: 'wait',
    record: 'not_applied',
  },
  {
    case: 'acts, and hangs',
    fault: meeting('PATCH', { kind: 'hang', acts: true }),
    answer: noAnswer,
    again: 'wait',
    record: 'succeeded',
  },
  {
    case: 'resets',
    fault: meeting('PATCH', { kind: 'reset' }),
    answer: noAnswer,
    again: 'wait',
    record: 'not_applied',
  },
  {
    case: 'acts, and its answer is lost',
    fault: meeting('PATCH', { kind: 'answer-lost' }),
    answer: noAnswer,
    again: 'wait',
    record: 'succeeded',
  },
  {
    case: 'acts, and stops half way through its answer',
    fault: meeting('PATCH', { kind: 'stall', acts: true }),
    answer: noAnswer,
    again: 'wait',
    record: 'succeeded',
  },
  {
    case: 'acts only after the time for an answer is over',
    fault: meeting('PATCH', { kind: 'delay', delayMs: UPSTREAM_TIMEOUT_MS * 1.5 }),
    answer: noAnswer,
    again: 'wait',
    record: 'succeeded',
  },
  {
    case: 'says 500',
    fault: meeting('PATCH', { kind: 'status', status: 500 }),
    answer: faulty,
    again: 'wait',
    record: 'not_applied',
  },
  {
    case: 'acts, and says 500',
    fault: meeting('PATCH', { kind: 'status', status: 500, acts: true }),
    answer: faulty,
    again: 'wait',
    record: 'succeeded',
  },
  {
    case: 'says 503 with a pause',
    fault: meeting('PATCH', { kind: 'status', status: 503, headers: { 'retry-after': '60' } }),
    answer: faulty,
    again: 'wait',
    record: 'not_applied',
  },
  {
    case: 'redirects',
    fault: meeting('PATCH', { kind: 'redirect', location: 'http://127.0.0.1:9/' }),
    answer: faulty,
    again: 'wait',
    record: 'not_applied',
  },
  {
    case: 'acts, and redirects',
    fault: meeting('PATCH', { kind: 'redirect', location: 'http://127.0.0.1:9/', acts: true }),
    answer: faulty,
    again: 'wait',
    record: 'succeeded',
  },
  {
    case: 'acts, and answers no JSON',
    fault: meeting('PATCH', { kind: 'body', body: '<html>', acts: true }),
    answer: faulty,
    again: 'wait',
    record: 'succeeded',
  },
  {
    case: 'refuses the name',
    fault: meeting('PATCH', { kind: 'status', status: 400, body: '{"code":"BadRequest","message":"no"}' }),
    answer: { status: 400, located: true },
    again: 'the same',
    record: 'rejected',
  },
  {
    case: 'refuses it as a conflict',
    fault: meeting('PATCH', { kind: 'status', status: 409 }),
    answer: { status: 409, located: true },
    again: 'the same',
    record: 'rejected',
  },
  {
    case: 'refuses the training key, which the vault knows no newer of',
    fault: meeting('PATCH', { kind: 'status', status: 401 }),
    answer: { status: 502, located: true },
    again: 'renamed now',
    record: 'rejected',
  },
];

/** The name before is not known then, and nothing else is lost. */
const GET_FAULTS = (
  [
    { kind: 'hang' },
    { kind: 'reset' },
    { kind: 'answer-lost' },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 401 },
    { kind: 'stall', acts: true },
    { kind: 'body', body: 'no JSON' },
  ] satisfies FaultKind[]
).map((fault): MatrixCase => ({
  case: 'status' in fault ? `${fault.kind} ${fault.status}` : fault.kind,
  fault: meeting('GET', fault),
  answer: renamed,
  again: 'the same',
  record: 'succeeded',
}));

const WHOLE_FAULTS: MatrixCase[] = [
  {
    case: 'cannot be reached',
    async fault({ stack }) {
      await stack.customVisions['away']?.faults.refuse();
      return () => stack.customVisions['away']?.faults.accept();
    },
    resource: 'away',
    answer: { status: 502, located: true },
    again: 'renamed now',
    record: 'not_applied',
  },
  {
    case: 'hangs altogether',
    fault(scene) {
      const ends = [
        meeting('GET', { kind: 'hang' })(scene),
        meeting('PATCH', { kind: 'hang', acts: true })(scene),
      ];
      return () => ends.forEach((end) => end());
    },
    answer: noAnswer,
    again: 'wait',
    record: 'succeeded',
  },
];

describe.concurrent('an upstream that', () => {
  it.each(PATCH_FAULTS)('is to rename, and $case', async (one) => {
    expect(await liveThrough(proxy, one)).toEqual(promisedLife(one));
  });
  it.each(GET_FAULTS)('is read before, and answers with a $case', async (one) => {
    expect(await liveThrough(proxy, one)).toEqual(promisedLife(one));
  });
  it.each(WHOLE_FAULTS)('$case', async (one) => {
    expect(await liveThrough(proxy, one)).toEqual(promisedLife(one));
  });

  it('asks for a pause, after which the key is free', async () => {
    const pauseMs = 1000; // which only the instance keeps that was asked, so it has to be another than the others'
    const one: MatrixCase = {
      case: 'asks for a pause',
      fault(scene) {
        const headers = { 'retry-after': String(pauseMs / 1000) };
        const end = meeting('PATCH', { kind: 'status', status: 429, headers })(scene);
        return () => sleep(pauseMs).then(end);
      },
      answer: { status: 429, retryAfter: 1, located: true },
      again: 'renamed now',
      record: 'not_applied',
    };
    expect(await liveThrough(proxy, one, await proxy.stack.startApp())).toEqual(promisedLife(one));
  });
});

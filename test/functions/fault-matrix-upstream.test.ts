import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FaultKind } from '../stack/faults.ts';
import {
  runCase,
  type MatrixCase,
  expectedOutcome,
  leaseMs,
  type Scene,
  SETTINGS,
  UPSTREAM_TIMEOUT_MS,
} from './fault-matrix.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ maxConcurrency: 50, testTimeout: 60_000, hookTimeout: 120_000 });

let proxy: RenameProxy;
beforeAll(async () => {
  // `away` can be unreachable without effect on the other.
  proxy = await startRenameProxy({ resources: ['default', 'away'], settings: SETTINGS });
  await proxy.rename(proxy.seed(), {});
});
afterAll(() => proxy.stop());

/** Injects a fault into one iteration's requests of one method. */
const faultOf =
  (method: 'GET' | 'PATCH', fault: FaultKind) =>
  ({ stack, resource, iterationId }: Scene) => {
    const simulator = stack.customVisions[resource];
    const injected = simulator?.faults.inject({
      ...fault,
      when: (request) => request.method === method && request.path.includes(iterationId),
    });
    return () => injected?.clear();
  };

/**
 * The outcome is unknown; the caller can retry once the lease has expired. A hanging upstream has used up a
 * third of it.
 */
const secondsLeft = expect.toSatisfy((seconds) => seconds > 0 && seconds <= leaseMs / 1000);
const noAnswer = { status: 504, retryAfter: secondsLeft, located: true };
const faulty = { ...noAnswer, status: 502 };
const OPEN = { again: 'unanswered' } as const;
/** One look proves it: the caller learns it at once. */
const SHOWN = { answer: { status: 200, located: true }, again: 'the same', record: 'succeeded' } as const;
/** About this proxy's own access: the caller's key is free once the service lets the proxy in again. */
const NO_ACCESS = {
  answer: { status: 502, located: true },
  again: 'renamed now',
  record: 'not_applied',
} as const;
const GATEWAY_ERROR =
  '{"error":{"code":"403","message":"Access denied due to Virtual Network/Firewall rules."}}';
const renamed = { status: 200, located: true };

const PATCH_FAULTS: MatrixCase[] = [
  {
    case: 'hangs',
    fault: faultOf('PATCH', { kind: 'hang' }),
    answer: noAnswer,
    ...OPEN,
    record: 'not_applied',
  },
  {
    case: 'acts, and hangs',
    fault: faultOf('PATCH', { kind: 'hang', acts: true }),
    answer: noAnswer,
    ...OPEN,
    record: 'succeeded',
  },
  {
    case: 'resets',
    fault: faultOf('PATCH', { kind: 'reset' }),
    answer: noAnswer,
    ...OPEN,
    record: 'not_applied',
  },
  {
    case: 'acts, and its answer is lost',
    fault: faultOf('PATCH', { kind: 'answer-lost' }),
    ...SHOWN,
  },
  {
    case: 'acts, and stops half way through its answer',
    fault: faultOf('PATCH', { kind: 'stall', acts: true }),
    answer: noAnswer,
    ...OPEN,
    record: 'succeeded',
  },
  {
    case: 'acts after the time for an answer is over',
    fault: faultOf('PATCH', { kind: 'delay', delayMs: UPSTREAM_TIMEOUT_MS * 1.5 }),
    answer: noAnswer,
    ...OPEN,
    record: 'succeeded',
  },
  {
    case: 'answers 500',
    fault: faultOf('PATCH', { kind: 'status', status: 500 }),
    answer: faulty,
    ...OPEN,
    record: 'not_applied',
  },
  {
    case: 'acts, and answers 500',
    fault: faultOf('PATCH', { kind: 'status', status: 500, acts: true }),
    ...SHOWN,
  },
  {
    case: 'answers 503 with Retry-After',
    fault: faultOf('PATCH', { kind: 'status', status: 503, headers: { 'retry-after': '60' } }),
    answer: faulty,
    ...OPEN,
    record: 'not_applied',
  },
  {
    case: 'redirects',
    fault: faultOf('PATCH', { kind: 'redirect', location: 'http://127.0.0.1:9/' }),
    answer: faulty,
    ...OPEN,
    record: 'not_applied',
  },
  {
    case: 'acts, and redirects',
    fault: faultOf('PATCH', { kind: 'redirect', location: 'http://127.0.0.1:9/', acts: true }),
    ...SHOWN,
  },
  {
    case: 'acts, and answers a body that is not JSON',
    fault: faultOf('PATCH', { kind: 'body', body: '<html>', acts: true }),
    ...SHOWN,
  },
  {
    case: 'refuses the name',
    fault: faultOf('PATCH', { kind: 'status', status: 400, body: '{"code":"BadRequest","message":"no"}' }),
    answer: { status: 400, located: true },
    again: 'the same',
    record: 'rejected',
  },
  {
    case: 'refuses it as a conflict',
    fault: faultOf('PATCH', { kind: 'status', status: 409 }),
    answer: { status: 409, located: true },
    again: 'the same',
    record: 'rejected',
  },
  {
    case: 'answers 408',
    fault: faultOf('PATCH', { kind: 'status', status: 408 }),
    answer: faulty,
    ...OPEN,
    record: 'not_applied',
  },
  {
    case: 'acts, and answers 408',
    fault: faultOf('PATCH', { kind: 'status', status: 408, acts: true }),
    ...SHOWN,
  },
  {
    case: 'refuses the training key, while the vault has no newer one',
    fault: faultOf('PATCH', { kind: 'status', status: 401 }),
    ...NO_ACCESS,
  },
  {
    case: "answers a firewall's 403",
    fault: faultOf('PATCH', { kind: 'status', status: 403, body: GATEWAY_ERROR }),
    ...NO_ACCESS,
  },
  {
    case: "answers a gateway's 404",
    fault: faultOf('PATCH', { kind: 'status', status: 404, body: GATEWAY_ERROR }),
    ...NO_ACCESS,
  },
];

/** Then the previous name is unknown, and nothing else is lost. */
const GET_FAULTS = (
  [
    { kind: 'hang' },
    { kind: 'reset' },
    { kind: 'answer-lost' },
    { kind: 'status', status: 500 },
    { kind: 'status', status: 401 },
    { kind: 'stall', acts: true },
    { kind: 'body', body: 'not JSON' },
  ] satisfies FaultKind[]
).map((fault): MatrixCase => ({
  case: 'status' in fault ? `${fault.kind} ${fault.status}` : fault.kind,
  fault: faultOf('GET', fault),
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
    case: 'hangs for GET and PATCH',
    fault(scene) {
      const ends = [
        faultOf('GET', { kind: 'hang' })(scene),
        faultOf('PATCH', { kind: 'hang', acts: true })(scene),
      ];
      return () => ends.forEach((end) => end());
    },
    answer: noAnswer,
    ...OPEN,
    record: 'succeeded',
  },
];

describe.concurrent('an upstream that', () => {
  it.each(PATCH_FAULTS)('gets a PATCH, and $case', async (one) => {
    expect(await runCase(proxy, one)).toEqual(expectedOutcome(one));
  });
  it.each(GET_FAULTS)('gets the GET before, and has the fault $case', async (one) => {
    expect(await runCase(proxy, one)).toEqual(expectedOutcome(one));
  });
  it.each(WHOLE_FAULTS)('$case', async (one) => {
    expect(await runCase(proxy, one)).toEqual(expectedOutcome(one));
  });

  it('answers 429 frees the key after its Retry-After', async () => {
    // Only the instance that got the 429 pauses, so this test has an instance of its own.
    const pauseMs = 1000;
    const one: MatrixCase = {
      case: 'answers 429',
      fault(scene) {
        const headers = { 'retry-after': String(pauseMs / 1000) };
        const end = faultOf('PATCH', { kind: 'status', status: 429, headers })(scene);
        return () => sleep(pauseMs).then(end);
      },
      answer: { status: 429, retryAfter: 1, located: true },
      again: 'renamed now',
      record: 'not_applied',
    };
    expect(await runCase(proxy, one, await proxy.stack.startApp())).toEqual(expectedOutcome(one));
  });
});

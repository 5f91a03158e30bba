import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FaultKind } from '../stack/faults.ts';
import type { ReceivedRequest } from '../stack/received-request.ts';
import { expectedOutcome, leaseMs, type MatrixCase, runCase, type Scene, SETTINGS } from './fault-matrix.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ maxConcurrency: 20, testTimeout: 60_000, hookTimeout: 120_000 });

let proxy: RenameProxy;
beforeAll(async () => {
  // `away` can be unreachable without effect on the other.
  proxy = await startRenameProxy({ resources: ['default', 'away'], settings: SETTINGS });
  await proxy.rename(proxy.seed(), {});
});
afterAll(() => proxy.stop());

const upstreamFault =
  (method: 'GET' | 'PATCH', fault: FaultKind) =>
  ({ stack, resource, iterationId }: Scene) => {
    const injected = stack.customVisions[resource]?.faults.inject({
      ...fault,
      when: (request) => request.method === method && request.path.includes(iterationId),
    });
    return () => injected?.clear();
  };

const isBatch = ({ path }: ReceivedRequest) => path.endsWith('$batch');
/** Only the completing transaction deletes the lock. */
const isComplete = (request: ReceivedRequest) => isBatch(request) && request.body.includes('DELETE ');
const STEPS = {
  'the record': ({ method }: ReceivedRequest) => method === 'GET',
  begin: (request: ReceivedRequest) => isBatch(request) && !isComplete(request),
  complete: isComplete,
};

const tableFault =
  (step: keyof typeof STEPS, fault: FaultKind, times?: number) =>
  ({ stack, projectId }: Scene) => {
    const injected = stack.tables.faults.inject({
      ...fault,
      ...(times === undefined ? {} : { times }),
      when: (request) => `${request.path}${request.body}`.includes(projectId) && STEPS[step](request),
    });
    return () => injected.clear();
  };

const secondsLeft = expect.toSatisfy((seconds) => seconds > 0 && seconds <= leaseMs / 1000);
const OPEN = {
  answer: { status: 504, retryAfter: secondsLeft, located: true },
  again: 'unanswered',
} as const;
/** One look proves it. */
const ALL_WELL = { answer: { status: 200, located: true }, again: 'the same', record: 'succeeded' } as const;
/** The iteration could not be read: nothing was sent. */
const UNREAD = {
  answer: { status: 503, retryAfter: 5, located: true },
  again: 'renamed now',
  record: 'not_applied',
} as const;
const notOnRecord = { status: 503, retryAfter: 5, located: false };
const NOTHING = { answer: notOnRecord, again: 'renamed now', record: null } as const;
const UNANSWERED = { answer: notOnRecord, again: 'wait', record: 'not_applied' } as const;
const NOT_COMPLETED = { ...ALL_WELL, again: 'wait' } as const;

const hang = { kind: 'hang' } as const;
const lost = { kind: 'answer-lost' } as const;
const status = (code: number, acts = false) => ({ kind: 'status', status: code, acts }) as const;

const CASES: MatrixCase[] = [
  ...(
    [
      hang,
      { kind: 'reset' },
      lost,
      status(500),
      status(401),
      { kind: 'stall', acts: true },
    ] satisfies FaultKind[]
  ).map((fault): MatrixCase => ({
    case: `reading the iteration: ${'status' in fault ? fault.status : fault.kind}`,
    fault: upstreamFault('GET', fault),
    ...UNREAD,
  })),
  {
    case: 'the upstream cannot be reached',
    async fault({ stack }) {
      await stack.customVisions['away']?.faults.refuse();
      return () => stack.customVisions['away']?.faults.accept();
    },
    resource: 'away',
    ...UNREAD,
  },
  { case: 'the PATCH hangs', fault: upstreamFault('PATCH', hang), ...OPEN, record: 'not_applied' },
  {
    case: 'the PATCH acts, and hangs',
    fault: upstreamFault('PATCH', { ...hang, acts: true }),
    ...OPEN,
    record: 'succeeded',
  },
  { case: 'the PATCH acts, and its answer is lost', fault: upstreamFault('PATCH', lost), ...ALL_WELL },
  { case: 'the PATCH acts, and answers 500', fault: upstreamFault('PATCH', status(500, true)), ...ALL_WELL },
  {
    case: 'the PATCH answers 500',
    fault: upstreamFault('PATCH', status(500)),
    ...OPEN,
    answer: { ...OPEN.answer, status: 502 },
    record: 'not_applied',
  },
  {
    case: 'the name is refused: the undo is released, since it has only one key',
    fault: upstreamFault('PATCH', status(400)),
    answer: { status: 400, located: true },
    again: 'renamed now',
    record: 'rejected',
  },
  {
    case: 'the training key is refused',
    fault: upstreamFault('PATCH', status(401)),
    answer: { status: 502, located: true },
    again: 'renamed now',
    record: 'not_applied',
  },

  { case: 'reading the record hangs', fault: tableFault('the record', hang), ...NOTHING },
  { case: 'reading the record: 500', fault: tableFault('the record', status(500)), ...NOTHING },
  { case: 'reading the record: one answer lost', fault: tableFault('the record', lost, 1), ...ALL_WELL },
  { case: 'begin hangs', fault: tableFault('begin', hang), ...NOTHING },
  { case: 'begin acts, and hangs', fault: tableFault('begin', { ...hang, acts: true }), ...UNANSWERED },
  { case: 'begin loses its answers', fault: tableFault('begin', lost), ...UNANSWERED },
  { case: 'begin loses one answer', fault: tableFault('begin', lost, 1), ...ALL_WELL },
  { case: 'complete hangs', fault: tableFault('complete', hang), ...NOT_COMPLETED },
  { case: 'complete acts, and hangs', fault: tableFault('complete', { ...hang, acts: true }), ...ALL_WELL },
  { case: 'complete loses its answers', fault: tableFault('complete', lost), ...ALL_WELL },
];

describe.concurrent('an undo where', () => {
  it.each(CASES)('$case', async (one) => {
    expect(await runCase(proxy, one, proxy.app, 'undo')).toEqual(expectedOutcome(one));
  });

  it.each(['GET', 'PATCH'] as const)('%s is throttled: nothing is renamed', async (method) => {
    // Only the instance that got the 429 pauses, so this test has an instance of its own.
    const headers = { 'retry-after': '1' };
    const one: MatrixCase = {
      case: 'throttled',
      fault(scene) {
        const end = upstreamFault(method, { ...status(429), headers })(scene);
        return () => sleep(1000).then(end);
      },
      answer: { status: 429, retryAfter: 1, located: true },
      again: 'renamed now',
      record: 'not_applied',
    };
    expect(await runCase(proxy, one, await proxy.stack.startApp(), 'undo')).toEqual(expectedOutcome(one));
  });
});

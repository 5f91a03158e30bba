import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { storageConnectionString } from '../stack/azurite.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import type { FaultKind } from '../stack/faults.ts';
import { type StorageProxy, startStorageProxy } from '../stack/storage-proxy.ts';
import type { ReceivedRequest } from '../stack/received-request.ts';
import { runCase, type MatrixCase, expectedOutcome, type Scene, SETTINGS } from './fault-matrix.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ maxConcurrency: 10, testTimeout: 60_000, hookTimeout: 120_000 });

/** An instance with its own proxy to the table: a refused connection affects no other instance. */
interface Cuttable {
  readonly way: StorageProxy;
  readonly app: FunctionApp;
}

let proxy: RenameProxy;
let cuttable: Cuttable[];
beforeAll(async () => {
  proxy = await startRenameProxy({ settings: SETTINGS });
  await proxy.rename(proxy.seed(), {});
  const { azurite, queues } = proxy.stack;
  cuttable = await Promise.all(
    REFUSING.map(async () => {
      const way = await startStorageProxy({ target: azurite.tableEndpoint });
      const endpoints = { tableEndpoint: way.endpoint, queueEndpoint: queues.endpoint };
      const RENAME_STORAGE = storageConnectionString({ ...azurite, ...endpoints });
      const app = await proxy.stack.startApp({ settings: { RENAME_STORAGE } });
      await proxy.rename(proxy.seed(), { app });
      return { way, app };
    }),
  );
});
afterAll(() => Promise.all([proxy.stop(), ...cuttable.map(({ way }) => way.stop())]));

const isBatch = ({ path }: ReceivedRequest) => path.endsWith('$batch');
/** Only the completing transaction deletes the lock. */
const isComplete = (request: ReceivedRequest) => isBatch(request) && request.body.includes('DELETE ');
const STEPS = {
  'before begin': (request: ReceivedRequest) => request.path.includes('projects'),
  'at begin': (request: ReceivedRequest) => isBatch(request) && !isComplete(request),
  'at complete': isComplete,
};

const at =
  (step: keyof typeof STEPS, fault: FaultKind, times?: number) =>
  ({ stack, projectId }: Scene) => {
    const injected = stack.tables.faults.inject({
      ...fault,
      ...(times === undefined ? {} : { times }),
      when: (request) => `${request.path}${request.body}`.includes(projectId) && STEPS[step](request),
    });
    return () => injected.clear();
  };

const renamed = { status: 200, located: true };
const notOnRecord = { status: 503, retryAfter: 5, located: false };
/** Nothing was written: the next request with the key begins. */
const NOTHING = { answer: notOnRecord, again: 'renamed now', record: null } as const;
/** The record was written, but the app got no answer: nothing is sent, and the sweep settles it. */
const UNANSWERED = { answer: notOnRecord, again: 'wait', record: 'not_applied' } as const;
const ALL_WELL = { answer: renamed, again: 'the same', record: 'succeeded' } as const;
/** The upstream has acted, but the record could not be completed yet. */
const NOT_COMPLETED = { answer: renamed, again: 'wait', record: 'succeeded' } as const;

const hang = { kind: 'hang' } as const;
const reset = { kind: 'reset' } as const;
const lost = { kind: 'answer-lost' } as const;
const status = (code: number, acts = false) => ({ kind: 'status', status: code, acts }) as const;

const CASES: MatrixCase[] = [
  { case: 'hangs before begin', fault: at('before begin', hang), ...NOTHING },
  { case: 'resets before begin', fault: at('before begin', reset), ...NOTHING },
  { case: 'resets once before begin', fault: at('before begin', reset, 1), ...ALL_WELL },
  { case: 'answers 500 before begin', fault: at('before begin', status(500)), ...NOTHING },
  { case: 'answers 403 before begin', fault: at('before begin', status(403)), ...NOTHING },
  { case: 'loses its answers before begin', fault: at('before begin', lost), ...NOTHING },
  { case: 'loses one answer before begin', fault: at('before begin', lost, 1), ...ALL_WELL },

  { case: 'hangs at begin', fault: at('at begin', hang), ...NOTHING },
  { case: 'begins, and hangs', fault: at('at begin', { ...hang, acts: true }), ...UNANSWERED },
  { case: 'resets at begin', fault: at('at begin', reset), ...NOTHING },
  { case: 'resets once at begin', fault: at('at begin', reset, 1), ...ALL_WELL },
  { case: 'begins, and loses its answers', fault: at('at begin', lost), ...UNANSWERED },
  { case: 'begins, and loses one answer', fault: at('at begin', lost, 1), ...ALL_WELL },
  { case: 'answers 500 at begin', fault: at('at begin', status(500)), ...NOTHING },
  { case: 'answers 403 at begin', fault: at('at begin', status(403)), ...NOTHING },
  { case: 'answers 503 once at begin', fault: at('at begin', status(503), 1), ...ALL_WELL },
  { case: 'begins, and answers 500', fault: at('at begin', status(500, true)), ...UNANSWERED },
  { case: 'begins, and stops half way', fault: at('at begin', { kind: 'stall', acts: true }), ...UNANSWERED },

  { case: 'hangs at complete', fault: at('at complete', hang), ...NOT_COMPLETED },
  { case: 'completes, and hangs', fault: at('at complete', { ...hang, acts: true }), ...ALL_WELL },
  { case: 'resets at complete', fault: at('at complete', reset), ...NOT_COMPLETED },
  { case: 'resets once at complete', fault: at('at complete', reset, 1), ...ALL_WELL },
  { case: 'completes, and loses its answers', fault: at('at complete', lost), ...ALL_WELL },
  { case: 'completes, and loses one answer', fault: at('at complete', lost, 1), ...ALL_WELL },
  { case: 'answers 500 at complete', fault: at('at complete', status(500)), ...NOT_COMPLETED },
  { case: 'answers 403 at complete', fault: at('at complete', status(403)), ...NOT_COMPLETED },
  { case: 'completes, and answers 500', fault: at('at complete', status(500, true)), ...ALL_WELL },
];

/** The upstream refused, and the record could not be completed yet. */
const BOTH: MatrixCase[] = (
  [
    { refusal: 400, answer: { status: 400, located: true }, record: 'rejected' },
    { refusal: 401, answer: { status: 502, located: true }, record: 'not_applied' },
  ] satisfies (Pick<MatrixCase, 'answer' | 'record'> & { refusal: number })[]
).map(({ refusal, answer, record }) => ({
  case: `resets at complete, after the upstream answered ${refusal}`,
  fault(scene) {
    const end = at('at complete', reset)(scene);
    const injected = scene.stack.customVision.faults.inject({
      ...status(refusal),
      when: ({ method, path }) => method === 'PATCH' && path.includes(scene.iterationId),
    });
    return () => [end(), injected.clear()];
  },
  answer,
  again: 'wait',
  record,
}));

const REFUSING: (Omit<MatrixCase, 'fault'> & { after: 'nothing' | 'begin' })[] = [
  { case: 'always', after: 'nothing', ...NOTHING },
  { case: 'after a rename is begun', after: 'begin', ...NOT_COMPLETED },
];

describe.concurrent('a table that', () => {
  it.each([...CASES, ...BOTH])('$case', async (one) => {
    expect(await runCase(proxy, one)).toEqual(expectedOutcome(one));
  });

  it.each(REFUSING)('refuses connections $case', async ({ after, ...one }) => {
    const { way, app } = cuttable[REFUSING.findIndex(({ case: name }) => name === one.case)] ?? {};
    if (way === undefined || app === undefined) throw new Error('no instance was started for this');
    const fault = async ({ iterationId }: Scene) => {
      if (after === 'nothing') await way.faults.refuse();
      way.hooks.onAnswered = async (request) => {
        if (isBatch(request) && request.body.includes(iterationId)) await way.faults.refuse();
      };
      return async () => {
        delete way.hooks.onAnswered;
        await way.faults.accept();
      };
    };
    expect(await runCase(proxy, { ...one, fault }, app)).toEqual(expectedOutcome({ ...one, fault }));
  });
});

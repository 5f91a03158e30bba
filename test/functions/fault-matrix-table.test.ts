import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { storageConnectionString } from '../stack/azurite.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import type { FaultKind } from '../stack/faults.ts';
import { type StorageProxy, startStorageProxy } from '../stack/storage-proxy.ts';
import type { ReceivedRequest } from '../stack/received-request.ts';
import { liveThrough, type MatrixCase, promisedLife, type Scene, SETTINGS } from './fault-matrix.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ maxConcurrency: 10, testTimeout: 60_000, hookTimeout: 120_000 });

/** An instance with a way to the table of its own, which can be cut off without the others noticing. */
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
/** The one transaction that takes the lock away is the one that completes. */
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
/** Nothing was written, so that the next with the key begins. */
const NOTHING = { answer: notOnRecord, again: 'renamed now', record: null } as const;
/** The record was written, and nobody heard of it: nothing is sent, and the sweep finds that out. */
const UNHEARD = { answer: notOnRecord, again: 'wait', record: 'not_applied' } as const;
const ALL_WELL = { answer: renamed, again: 'the same', record: 'succeeded' } as const;
/** The upstream has acted, and the record could not be told. */
const NOT_TOLD = { answer: renamed, again: 'wait', record: 'succeeded' } as const;

const hang = { kind: 'hang' } as const;
const reset = { kind: 'reset' } as const;
const lost = { kind: 'answer-lost' } as const;
const status = (code: number, acts = false) => ({ kind: 'status', status: code, acts }) as const;

const CASES: MatrixCase[] = [
  { case: 'hangs before begin', fault: at('before begin', hang), ...NOTHING },
  { case: 'resets before begin', fault: at('before begin', reset), ...NOTHING },
  { case: 'resets once before begin', fault: at('before begin', reset, 1), ...ALL_WELL },
  { case: 'says 500 before begin', fault: at('before begin', status(500)), ...NOTHING },
  { case: 'says 403 before begin', fault: at('before begin', status(403)), ...NOTHING },
  { case: 'loses its answers before begin', fault: at('before begin', lost), ...NOTHING },
  { case: 'loses one answer before begin', fault: at('before begin', lost, 1), ...ALL_WELL },

  { case: 'hangs at begin', fault: at('at begin', hang), ...NOTHING },
  { case: 'begins, and hangs', fault: at('at begin', { ...hang, acts: true }), ...UNHEARD },
  { case: 'resets at begin', fault: at('at begin', reset), ...NOTHING },
  { case: 'resets once at begin', fault: at('at begin', reset, 1), ...ALL_WELL },
  { case: 'begins, and loses its answers', fault: at('at begin', lost), ...UNHEARD },
  { case: 'begins, and loses one answer', fault: at('at begin', lost, 1), ...ALL_WELL },
  { case: 'says 500 at begin', fault: at('at begin', status(500)), ...NOTHING },
  { case: 'says 403 at begin', fault: at('at begin', status(403)), ...NOTHING },
  { case: 'says 503 once at begin', fault: at('at begin', status(503), 1), ...ALL_WELL },
  { case: 'begins, and says 500', fault: at('at begin', status(500, true)), ...UNHEARD },
  { case: 'begins, and stops half way', fault: at('at begin', { kind: 'stall', acts: true }), ...UNHEARD },

  { case: 'hangs at complete', fault: at('at complete', hang), ...NOT_TOLD },
  { case: 'completes, and hangs', fault: at('at complete', { ...hang, acts: true }), ...ALL_WELL },
  { case: 'resets at complete', fault: at('at complete', reset), ...NOT_TOLD },
  { case: 'resets once at complete', fault: at('at complete', reset, 1), ...ALL_WELL },
  { case: 'completes, and loses its answers', fault: at('at complete', lost), ...ALL_WELL },
  { case: 'completes, and loses one answer', fault: at('at complete', lost, 1), ...ALL_WELL },
  { case: 'says 500 at complete', fault: at('at complete', status(500)), ...NOT_TOLD },
  { case: 'says 403 at complete', fault: at('at complete', status(403)), ...NOT_TOLD },
  { case: 'completes, and says 500', fault: at('at complete', status(500, true)), ...ALL_WELL },
];

/** Where the upstream did not rename, and that cannot be told either. */
const BOTH: MatrixCase[] = (
  [
    { says: { kind: 'status', status: 400 }, answer: { status: 400, located: true } },
    { says: { kind: 'status', status: 401 }, answer: { status: 502, located: true } },
  ] satisfies { says: FaultKind; answer: MatrixCase['answer'] }[]
).map(({ says, answer }) => ({
  case: `resets at complete, after the upstream said ${says.status}`,
  fault(scene) {
    const end = at('at complete', reset)(scene);
    const injected = scene.stack.customVision.faults.inject({
      ...says,
      when: ({ method, path }) => method === 'PATCH' && path.includes(scene.iterationId),
    });
    return () => [end(), injected.clear()];
  },
  answer,
  again: 'wait',
  record: 'not_applied',
}));

const REFUSING: (Omit<MatrixCase, 'fault'> & { after: 'nothing' | 'begin' })[] = [
  { case: 'altogether', after: 'nothing', ...NOTHING },
  { case: 'once a rename is begun', after: 'begin', ...NOT_TOLD },
];

describe.concurrent('a table that', () => {
  it.each([...CASES, ...BOTH])('$case', async (one) => {
    expect(await liveThrough(proxy, one)).toEqual(promisedLife(one));
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
    expect(await liveThrough(proxy, { ...one, fault }, app)).toEqual(promisedLife({ ...one, fault }));
  });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { TrainingAPIClient } from '@azure/cognitiveservices-customvision-training';
import { ApiKeyCredentials, RestError } from '@azure/ms-rest-js';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  ACTING_FAULTS,
  BLINDING_FAULTS,
  breakUpstream,
  ONE_EFFECT,
  outcomeOf,
  settledAfterMs,
  startRepeatsProxy,
} from './acting-faults.ts';
import { nameNow, namesTaken } from './iteration-faults.ts';
import { iterationPath, type RenameProxy, type SeededIteration } from './rename-proxy.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const UPSTREAM_TIMEOUT_MS = 1000;

let proxy: RenameProxy;
beforeAll(async () => {
  proxy = await startRepeatsProxy(UPSTREAM_TIMEOUT_MS);
});
afterEach(() => vi.unstubAllGlobals());
afterAll(() => proxy.stop());

/** The SDK waits half a minute and longer before it repeats: these waits end when the test says so. */
function controlRepeats() {
  const waiting: (() => void)[] = [];
  const setRealTimeout = globalThis.setTimeout;
  vi.stubGlobal('setTimeout', (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const isRepeat = ms !== undefined && ms > 20_000 && args.length === 0;
    if (!isRepeat) return setRealTimeout(() => callback(...args), ms);
    waiting.push(callback);
    return setRealTimeout(() => {}, 0);
  });
  return {
    isWaiting: () => expect.poll(() => waiting.length, { timeout: 15_000 }).toBe(1),
    repeat: () => waiting.pop()?.(),
  };
}

/** As the README shows it. */
function startRename({ projectId, iterationId }: SeededIteration, name: string) {
  const credentials = new ApiKeyCredentials({ inHeader: { 'x-functions-key': proxy.app.functionKey } });
  const client = new TrainingAPIClient(credentials, proxy.app.url);
  return client.updateIteration(projectId, iterationId, { name }).then(
    (iteration) => ({ name: iteration.name, headers: iteration._response.headers }),
    (error: unknown) => {
      if (!(error instanceof RestError) || error.response === undefined) throw error;
      return { statusCode: error.statusCode, body: error.body, headers: error.response.headers };
    },
  );
}

describe('the official JavaScript SDK with its default retries', () => {
  it.each(ACTING_FAULTS.filter(({ isSeen }) => isSeen))(
    'renames once and learns it at once where the upstream acts and $case',
    async (row) => {
      const iteration = proxy.seed();
      breakUpstream(proxy, iteration, row);
      expect(await startRename(iteration, 'A')).toMatchObject({ name: 'A' });
      expect(await outcomeOf(proxy, iteration)).toEqual(ONE_EFFECT);
    },
  );

  it.each([
    ...ACTING_FAULTS.filter(({ isSeen }) => !isSeen),
    ...BLINDING_FAULTS.filter(({ fault }) => fault.kind === 'answer-lost' || fault.kind === 'status'),
  ])('renames once and learns it by its repeat where the upstream acts and $case', async (row) => {
    const iteration = proxy.seed();
    const broken = breakUpstream(proxy, iteration, row);
    const repeats = controlRepeats();
    const renamed = startRename(iteration, 'A');
    await repeats.isWaiting();
    broken.clear();
    repeats.repeat(); // while the lease runs: the first answer again
    await repeats.isWaiting();
    await sleep(settledAfterMs(UPSTREAM_TIMEOUT_MS));
    repeats.repeat();
    const done = await renamed;
    expect(done).toMatchObject({ name: 'A' });
    const [record] = await proxy.records(iteration.projectId);
    expect(done.headers.get('rename-id')).toBe(record?.['renameId']);
    expect(await outcomeOf(proxy, iteration)).toEqual(ONE_EFFECT);
  });

  it('learns the address of its record where all its repeats meet the open rename', async () => {
    const iteration = proxy.seed();
    const broken = breakUpstream(proxy, iteration, {
      fault: { kind: 'status', status: 503, acts: true },
      isSeen: false,
    });
    const repeats = controlRepeats();
    const renamed = startRename(iteration, 'A');
    for (let repeated = 0; repeated < 2; repeated += 1) {
      await repeats.isWaiting();
      repeats.repeat();
    }
    const failed = await renamed;
    broken.clear();
    const [record] = await proxy.records(iteration.projectId);
    const renameId = String(record?.['renameId']);
    expect(failed).toMatchObject({ statusCode: 502, body: { code: 'ErrorUnknown', renameId } });
    const { projectId, iterationId } = iteration;
    const path = iterationPath(projectId, iterationId);
    const location = new URL(failed.headers.get('location') ?? '', proxy.app.url + path);
    expect(location.pathname).toBe(`/projects/${projectId}/renames/${renameId}`);
    await sleep(settledAfterMs(UPSTREAM_TIMEOUT_MS));
    expect((await proxy.rename(iteration, { name: 'A' })).headers.get('rename-id')).toBe(renameId);
    expect(await outcomeOf(proxy, iteration)).toEqual(ONE_EFFECT);
  });

  it('does not rename back what another caller has renamed before its repeat', async () => {
    const iteration = proxy.seed();
    const broken = breakUpstream(proxy, iteration, {
      fault: { kind: 'status', status: 503, acts: true },
      isSeen: false,
    });
    const repeats = controlRepeats();
    const renamed = startRename(iteration, 'A');
    await repeats.isWaiting();
    broken.clear();
    await sleep(settledAfterMs(UPSTREAM_TIMEOUT_MS));
    expect((await proxy.rename(iteration, { name: 'B' })).status).toBe(200);
    repeats.repeat();
    expect(await renamed).toMatchObject({ name: 'A' }); // what became of its own request
    expect(namesTaken(proxy, iteration)).toEqual(['A', 'B']);
    expect(nameNow(proxy, iteration)).toBe('B');
    expect(await proxy.records(iteration.projectId)).toMatchObject([
      { requestedName: 'B', status: 'succeeded', previousName: 'A' },
      { requestedName: 'A', status: 'succeeded', previousName: 'Iteration 1' },
    ]);

    const intended = await proxy.rename(iteration, { name: 'A' }); // the caller has its answer: this is a new request
    expect(intended.headers.has('idempotency-replayed')).toBe(false);
    expect(nameNow(proxy, iteration)).toBe('A');
  });
});

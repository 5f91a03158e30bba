import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openStorageAccount, type StorageAccount } from '../stack/storage-account.ts';
import { nameNow, namesTaken } from './iteration-faults.ts';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let azurite: StorageAccount;
const proxies: RenameProxy[] = [];
beforeAll(async () => {
  azurite = await openStorageAccount();
});
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await azurite.stop();
});

interface Instance {
  readonly timeoutSeconds: number;
  readonly clockShiftMs?: number;
}

const CASES: { case: string; worker: Instance; observer: Instance; workMs: number }[] = [
  {
    case: 'has a far shorter timeout',
    worker: { timeoutSeconds: 30 },
    observer: { timeoutSeconds: 1 },
    workMs: 5000,
  },
  {
    case: 'has a clock that is 29 s ahead',
    worker: { timeoutSeconds: 10 },
    observer: { timeoutSeconds: 10, clockShiftMs: 29_000 },
    workMs: 2500,
  },
  {
    case: 'has a clock that is a minute ahead',
    worker: { timeoutSeconds: 10 },
    observer: { timeoutSeconds: 10, clockShiftMs: 60_000 },
    workMs: 500,
  },
  {
    case: 'sees a rename of a clock that is a minute behind',
    worker: { timeoutSeconds: 10, clockShiftMs: -60_000 },
    observer: { timeoutSeconds: 10 },
    workMs: 500,
  },
];

const startInstance = ({ stack }: RenameProxy, { timeoutSeconds, clockShiftMs = 0 }: Instance) =>
  stack.startApp({
    nodeArgs: ['--import', new URL('../stack/shift-clock.ts', import.meta.url).href],
    settings: {
      UPSTREAM_TIMEOUT_SECONDS: String(timeoutSeconds),
      CLOCK_SHIFT_MS: String(clockShiftMs),
      'AzureWebJobs.sweep-renames.Disabled': 'false',
    },
  });

it.concurrent.each(CASES)(
  'leaves a live rename alone where the instance that meets it $case',
  async ({ worker: atWork, observer: other, workMs }) => {
    const proxy = await startRenameProxy({ azurite });
    proxies.push(proxy);
    const [worker, observer] = await Promise.all([startInstance(proxy, atWork), startInstance(proxy, other)]);
    const iteration = proxy.seed();
    const { customVision } = proxy.stack;
    const released = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    customVision.hooks.onReceived = async ({ method }) => {
      if (method !== 'PATCH') return;
      reached.resolve();
      await released.promise;
    };

    const headers = { 'idempotency-key': 'one' };
    const first = proxy.rename(iteration, { name: 'A', headers, app: worker });
    await reached.promise;
    await sleep(workMs);
    const busy = await proxy.rename(iteration, { name: 'B', app: observer });
    const inFlight = await proxy.rename(iteration, { name: 'A', headers, app: observer });
    await observer.invoke('sweep-renames');
    expect([busy.status, inFlight.status]).toEqual([409, 409]);
    expect(await proxy.records(iteration.projectId)).toMatchObject([{ status: 'pending' }]);
    delete customVision.hooks.onReceived;
    released.resolve();

    const done = await first;
    expect(done.status).toBe(200);
    const again = await proxy.rename(iteration, { name: 'A', headers, app: observer });
    expect({ status: again.status, text: again.text }).toEqual({ status: 200, text: done.text });
    expect(await proxy.records(iteration.projectId)).toMatchObject([
      { status: 'succeeded', evidence: 'response', previousName: 'Iteration 1' },
    ]);
    expect(namesTaken(proxy, iteration)).toEqual(['A']);
    expect(nameNow(proxy, iteration)).toBe('A');
  },
);

it('settles an abandoned rename where the clock of the instance that meets it is a minute behind', async () => {
  const proxy = await startRenameProxy({ azurite });
  proxies.push(proxy);
  const worker = await startInstance(proxy, { timeoutSeconds: 1 });
  const observer = await startInstance(proxy, { timeoutSeconds: 30, clockShiftMs: -60_000 });
  const iteration = proxy.seed();
  const { customVision } = proxy.stack;
  const reached = Promise.withResolvers<void>();
  customVision.hooks.onEffect = ({ effect }) => {
    if (effect !== null) reached.resolve();
  };
  customVision.faults.inject({ kind: 'hang', when: 'PATCH', acts: true });
  const lost = proxy.rename(iteration, { name: 'A', app: worker }).catch(() => {});
  await reached.promise;
  worker.kill('SIGKILL');
  await lost;
  await sleep(4100); // three times the worker's timeout, and the second that an observer adds
  await expect
    .poll(async () => {
      await observer.invoke('sweep-renames');
      return proxy.records(iteration.projectId);
    })
    .toMatchObject([{ status: 'succeeded', evidence: 'state' }]);
});

import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SeededIteration } from '../functions/rename-proxy.ts';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

let proxy: WebhookProxy;

/** The attempts of the host are short, so that an outage of seconds outlasts all of them. */
const ATTEMPTS = 4;
const UPSTREAM_TIMEOUT_SECONDS = 1;

beforeAll(async () => {
  proxy = await startWebhookProxy({
    settings: {
      'AzureWebJobs.sweep-renames.Disabled': 'false',
      UPSTREAM_TIMEOUT_SECONDS: String(UPSTREAM_TIMEOUT_SECONDS),
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      AzureFunctionsJobHost__extensions__queues__maxDequeueCount: String(ATTEMPTS),
    },
  });
});
afterAll(() => proxy.stop());
afterEach(() => proxy.clearFaults());

async function deliver(iteration: SeededIteration, name: string): Promise<string> {
  const { projectId, iterationId } = iteration;
  const { status, renameId } = await proxy.deliver({ body: { projectId, iterationId, name } });
  expect(status).toBe(202);
  return renameId;
}

const deliverMany = (count: number, name: string) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const iteration = proxy.seed();
      return { iteration, renameId: await deliver(iteration, name) };
    }),
  );

const patches = (iteration: SeededIteration) =>
  proxy.upstreamRequests(iteration).filter(({ method }) => method === 'PATCH');
const nameOf = ({ projectId, iterationId }: SeededIteration) =>
  proxy.stack.customVision.iteration(projectId, iterationId)?.name;
const logged = (event: string, renameId: string) =>
  proxy.app
    .output()
    .split('\n')
    .find((line) => line.includes(`"event":"${event}"`) && line.includes(renameId));

describe('an upstream that is unavailable', () => {
  it('for all attempts loses no rename: each record ends, and the log points to it for an operator to rename by hand', async () => {
    await proxy.stack.customVision.faults.refuse();
    const accepted = await deliverMany(10, 'not applied');
    for (const { iteration, renameId } of accepted) {
      expect(await proxy.ended(iteration, renameId)).toMatchObject({
        status: 'not_applied',
        upstreamMessage: expect.stringMatching(/unreachable\. Nothing was applied\.$/),
      });
      expect(patches(iteration)).toEqual([]);
      const line = logged('message_poisoned', renameId);
      expect(line).toContain(iteration.projectId);
      const [record] = await proxy.records(iteration.projectId);
      const { iterationId } = iteration;
      expect(record).toMatchObject({ iterationId, requestedName: 'not applied' });
    }
    process.stdout.write(`${accepted.length} of ${accepted.length} accepted renames ended as not_applied\n`);
    await proxy.clearFaults();
    await sleep(1500);
    for (const { iteration } of accepted) expect(nameOf(iteration)).toBe('Iteration 1'); // as in the records
  });

  it('for fewer attempts gets the rename on a retry', async () => {
    await proxy.stack.customVision.faults.refuse();
    const accepted = await deliverMany(3, 'after all');
    await Promise.all(
      accepted.map(({ renameId }) =>
        expect.poll(() => logged('rename_attempt_failed', renameId), { timeout: 20_000 }).toBeDefined(),
      ),
    );
    await proxy.clearFaults();
    for (const { iteration, renameId } of accepted) {
      expect(await proxy.ended(iteration, renameId)).toMatchObject({ status: 'succeeded' });
      expect(nameOf(iteration)).toBe('after all');
      expect(patches(iteration)).toHaveLength(1);
    }
  });

  it.each([
    { case: 'applied the name', acts: true, status: 'succeeded', name: 'applied?' },
    { case: 'applied nothing', acts: false, status: 'not_applied', name: 'Iteration 1' },
  ])(
    'that hangs, and $case, has a record with the truth when the iteration can be read again',
    async ({ acts, status, name }) => {
      const { customVision } = proxy.stack;
      const iteration = proxy.seed();
      const of =
        (wanted: string) =>
        ({ method, path }: { method: string; path: string }) =>
          method === wanted && path.includes(iteration.iterationId);
      const patched = customVision.faults.inject({ kind: 'hang', when: of('PATCH'), acts });
      customVision.faults.inject({
        kind: 'hang',
        when: (request) => of('GET')(request) && patched.hits() > 0, // no look comes between
      });
      const renameId = await deliver(iteration, 'applied?');
      await expect.poll(() => patched.hits()).toBe(1);
      await expect.poll(() => logged('message_poisoned', renameId), { timeout: 20_000 }).toBeDefined();
      // The log comes first. Until the record says so too, a sweep would carry the rename out.
      await expect
        .poll(() => proxy.records(iteration.projectId), { timeout: 20_000 })
        .toMatchObject([{ status: 'pending', isGivenUp: true }]);

      await proxy.clearFaults();
      await proxy.app.invoke('sweep-renames');
      expect(await proxy.ended(iteration, renameId)).toMatchObject({ status, evidence: 'state' });
      expect(nameOf(iteration)).toBe(name);
      expect(patches(iteration)).toHaveLength(1);
    },
    40_000,
  );

  it('for one iteration delays no other iteration', async () => {
    const stuck = proxy.seed();
    proxy.stack.customVision.faults.inject({
      kind: 'hang',
      when: ({ path }) => path.includes(stuck.iterationId),
    });
    await deliver(stuck, 'stuck');
    const accepted = await deliverMany(5, 'not stuck');
    for (const { iteration, renameId } of accepted) {
      expect(await proxy.ended(iteration, renameId)).toMatchObject({ status: 'succeeded' });
    }
  });
});

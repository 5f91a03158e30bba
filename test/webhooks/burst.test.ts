import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

/** The rate limit of one instance; several instances share the limit of the service. */
const RENAMES_PER_SECOND = 50;
/** After the rate limit releases a rename, its record is begun before its PATCH. */
const MAX_RELEASE_TO_PATCH_MS = 500;
const PROJECTS = 25;
/** The maximum of the service for one project. */
const ITERATIONS = 20;
const AT_ONCE = 16;
/** A sender retries a 503 or 429, which a busy machine may cause. */
const MAX_ATTEMPTS = 5;

let proxy: WebhookProxy;

beforeAll(async () => {
  proxy = await startWebhookProxy({
    settings: { UPSTREAM_MAX_RENAMES_PER_SECOND: String(RENAMES_PER_SECOND) },
  });
});
afterAll(() => proxy.stop());

let retries = 0;

async function deliver(body: object): Promise<string> {
  const id = randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    const { status, text, renameId } = await proxy.deliver({ id, body });
    if (status === 202) return renameId;
    if (attempt === MAX_ATTEMPTS || (status !== 503 && status !== 429)) throw new Error(`${status} ${text}`);
    retries += 1;
    await sleep(1000);
  }
}

it('ends each of 500 deliveries in a burst with one record, within the rate limit', async () => {
  const { customVision } = proxy.stack;
  const requested = Array.from({ length: PROJECTS }, () => {
    const iterations = Array.from({ length: ITERATIONS }, (_, index) => ({
      id: randomUUID(),
      name: `Iteration ${index}`,
    }));
    const projectId = customVision.addProject({ iterations });
    return iterations.map(({ id }, index) => ({ projectId, iterationId: id, name: `Release ${index}` }));
  }).flat();

  const startedMs = performance.now();
  const accepted = new Set<string>();
  const left = [...requested];
  const deliverAll = async (): Promise<void> => {
    for (let body = left.pop(); body !== undefined; body = left.pop()) {
      accepted.add(await deliver(body));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, deliverAll));
  const acceptedMs = performance.now() - startedMs;
  expect(accepted.size).toBe(requested.length);

  await expect.poll(() => customVision.effects().length, { timeout: 120_000 }).toBe(requested.length);
  const settledMs = performance.now() - startedMs;
  const projectIds = [...new Set(requested.map(({ projectId }) => projectId))];
  const recordsOf = async () => (await Promise.all(projectIds.map((id) => proxy.records(id)))).flat();
  await expect
    .poll(async () => (await recordsOf()).filter(({ status }) => status === 'succeeded').length, {
      timeout: 60_000,
    })
    .toBe(requested.length);
  const records = await recordsOf();
  expect(new Set(records.map(({ rowKey }) => rowKey?.replace('rename|', '')))).toEqual(accepted);
  for (const { projectId, iterationId, name } of requested) {
    expect(customVision.iteration(projectId, iterationId)?.name).toBe(name);
  }

  const sentMs = customVision.journal.filter(({ method }) => method === 'PATCH').map(({ atMs }) => atMs);
  expect(sentMs).toHaveLength(requested.length);
  const busiest = Math.max(
    ...sentMs.map((fromMs) => sentMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1000).length),
  );
  const overallMs = Math.max(...sentMs) - Math.min(...sentMs);
  process.stdout.write(
    `${requested.length} deliveries accepted in ${(acceptedMs / 1000).toFixed(1)} s (${retries} retries) and settled in ${(settledMs / 1000).toFixed(1)} s; ` +
      `at most ${busiest} renames in any second, ${((1000 * requested.length) / overallMs).toFixed(1)} a second over all\n`,
  );
  // The rate limit allows a burst of one second's renames, and counts the release, which is up to 500 ms
  // before the PATCH.
  expect(busiest).toBeLessThanOrEqual((2 + MAX_RELEASE_TO_PATCH_MS / 1000) * RENAMES_PER_SECOND);
  expect(overallMs).toBeGreaterThan(
    1000 * (requested.length / RENAMES_PER_SECOND - 1) - MAX_RELEASE_TO_PATCH_MS,
  );
}, 240_000);

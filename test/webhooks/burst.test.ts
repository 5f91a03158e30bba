import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';

/** Of one instance; several share the service's allowance among them. */
const RENAMES_PER_SECOND = 50;
/** Between a rename's turn and its PATCH lies the begin of its record. */
const MAX_TURN_TO_PATCH_MS = 500;
const PROJECTS = 25;
/** As many as the service allows in one project. */
const ITERATIONS = 20;
const AT_ONCE = 16;
/** As a sender does that is told to come back; the machine may be busy with something else. */
const MAX_TRIES = 5;

let proxy: WebhookProxy;

beforeAll(async () => {
  proxy = await startWebhookProxy({
    settings: { UPSTREAM_MAX_RENAMES_PER_SECOND: String(RENAMES_PER_SECOND) },
  });
});
afterAll(() => proxy.stop());

let triedAgain = 0;

async function deliver(body: object): Promise<string> {
  const id = randomUUID();
  for (let times = 1; ; times += 1) {
    const { status, text, renameId } = await proxy.deliver({ id, body });
    if (status === 202) return renameId;
    if (times === MAX_TRIES || (status !== 503 && status !== 429)) throw new Error(`${status} ${text}`);
    triedAgain += 1;
    await sleep(1000);
  }
}

it('500 deliveries in a burst all end in one record each, at no more than the allowed upstream rate', async () => {
  const { customVision } = proxy.stack;
  const asked = Array.from({ length: PROJECTS }, () => {
    const iterations = Array.from({ length: ITERATIONS }, (_, index) => ({
      id: randomUUID(),
      name: `Iteration ${index}`,
    }));
    const projectId = customVision.addProject({ iterations });
    return iterations.map(({ id }, index) => ({ projectId, iterationId: id, name: `Release ${index}` }));
  }).flat();

  const startedMs = performance.now();
  const accepted = new Set<string>();
  const left = [...asked];
  const deliverAll = async (): Promise<void> => {
    for (let body = left.pop(); body !== undefined; body = left.pop()) {
      accepted.add(await deliver(body));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, deliverAll));
  const acceptedMs = performance.now() - startedMs;
  expect(accepted.size).toBe(asked.length);

  await expect.poll(() => customVision.effects().length, { timeout: 120_000 }).toBe(asked.length);
  const settledMs = performance.now() - startedMs;
  const projectIds = [...new Set(asked.map(({ projectId }) => projectId))];
  const recordsOf = async () => (await Promise.all(projectIds.map((id) => proxy.records(id)))).flat();
  await expect
    .poll(async () => (await recordsOf()).filter(({ status }) => status === 'succeeded').length, {
      timeout: 60_000,
    })
    .toBe(asked.length);
  const records = await recordsOf();
  expect(new Set(records.map(({ rowKey }) => rowKey?.replace('rename|', '')))).toEqual(accepted);
  for (const { projectId, iterationId, name } of asked) {
    expect(customVision.iteration(projectId, iterationId)?.name).toBe(name);
  }

  const sentMs = customVision.journal.filter(({ method }) => method === 'PATCH').map(({ atMs }) => atMs);
  expect(sentMs).toHaveLength(asked.length);
  const busiest = Math.max(
    ...sentMs.map((fromMs) => sentMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + 1000).length),
  );
  const overallMs = Math.max(...sentMs) - Math.min(...sentMs);
  process.stdout.write(
    `${asked.length} deliveries accepted in ${(acceptedMs / 1000).toFixed(1)} s (${triedAgain} tried again) and settled in ${(settledMs / 1000).toFixed(1)} s; ` +
      `at most ${busiest} renames in any second, ${((1000 * asked.length) / overallMs).toFixed(1)} a second over all\n`,
  );
  // A second's worth may have been saved up before; and turns are counted when they are taken, half a second's worth of which may be late.
  expect(busiest).toBeLessThanOrEqual((2 + MAX_TURN_TO_PATCH_MS / 1000) * RENAMES_PER_SECOND);
  expect(overallMs).toBeGreaterThan(1000 * (asked.length / RENAMES_PER_SECOND - 1) - MAX_TURN_TO_PATCH_MS);
}, 240_000);

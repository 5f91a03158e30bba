import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import type { BenchStack } from './bench-stack.ts';
import { cpuMsOf } from './child.ts';
import { fact, type Line } from './line.ts';
import { iterationPath } from './participants/participant.ts';

/** The sweep settles one rename a second of each resource: with several it takes a few seconds. */
const RESOURCES = 8;
const RENAMES_EACH = 3;
const UPSTREAM_TIMEOUT_SECONDS = 1;
/** A lease runs for three times the upstream's timeout; the rest is for the requests themselves. */
const LEASE_MS = UPSTREAM_TIMEOUT_SECONDS * 3000 + 1000;

/** Renames that the upstream never answered, and what the sweep takes to settle them. */
export async function measureSweep(bench: BenchStack): Promise<Line[]> {
  const { stack, upstream } = bench;
  const names = Array.from({ length: RESOURCES }, (_, index) => `line-${index}`);
  const resource = { endpoint: upstream, trainingKeySecret: 'training-key' };
  const front = await bench.start('product', {
    settings: {
      CUSTOM_VISION_RESOURCES: JSON.stringify(Object.fromEntries(names.map((name) => [name, resource]))),
      UPSTREAM_TIMEOUT_SECONDS: String(UPSTREAM_TIMEOUT_SECONDS),
      RENAME_STORAGE: stack.settings['RENAME_STORAGE'] ?? '', // through the proxy that counts
    },
    withoutTimers: true, // the sweep of a full minute would be counted, too
  });
  const { app, url } = front;
  const renames = RESOURCES * RENAMES_EACH;
  await bench.setUpstreamDelay(60_000);
  try {
    await Promise.all(
      names.map(async (name) => {
        const { projectId, iterationIds } = bench.target(front);
        const paths = iterationIds.slice(0, RENAMES_EACH).map((id) => iterationPath(projectId, id));
        const answers = paths.map((path) =>
          request(`${url}/${name}${path}`, {
            method: 'PATCH',
            headers: { ...front.headers, 'content-type': 'application/json' },
            body: '{"name":"Release 1"}',
          }).then(async ({ statusCode, body }) => ({ statusCode, text: await body.text() })),
        );
        for (const { statusCode, text } of await Promise.all(answers))
          if (statusCode !== 504) throw new Error(`${statusCode} ${text}`);
      }),
    );
  } finally {
    await bench.setUpstreamDelay(0);
  }
  await sleep(LEASE_MS);

  const operationsBefore = stack.tables.operations().length;
  const cpuBefore = cpuMsOf(app.pid);
  const startedMs = performance.now();
  await app.invoke('sweep-renames');
  const elapsedMs = performance.now() - startedMs;
  const cpuMs = cpuMsOf(app.pid) - cpuBefore;
  const operations = stack.tables.operations().length - operationsBefore;
  const settled = Number(/"event":"sweep_completed".*"settled":(\d+)/.exec(app.output())?.[1]);
  await app.stop();
  if (settled !== renames) throw new Error(`the sweep settled ${settled} of ${renames} renames`);
  const title = `sweep of ${renames} renames on ${RESOURCES} resources`;
  return [
    fact(title, elapsedMs, 'ms'),
    fact(`${title}: storage requests each`, operations / renames, ''),
    fact(`${title}: CPU each`, cpuMs / renames, 'ms'),
  ];
}

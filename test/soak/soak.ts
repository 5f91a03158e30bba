import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import {
  type RenameProxy,
  type SeededIteration,
  startRenameProxy,
  WITH_QUEUE,
} from '../functions/rename-proxy.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import { type Asked, type ClientKind, runClient } from './clients.ts';
import { judge } from './judge.ts';
import { firstAndLast, type ProcessFigures, readProcessFigures } from './process-figures.ts';
import { createRandom } from '../random.ts';
import { causeOutages } from './outages.ts';

// `npm run soak -- --minutes 10 [--seed N]`: two instances at the rate that the service allows, while their
// far ends fail and come back.

const { values: args } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const minutes = Math.min(120, Number(args.minutes));
const seed = Number(args.seed ?? Math.floor(Math.random() * 1e9));
if (!(minutes > 0) || !Number.isInteger(seed)) throw new TypeError('--minutes and --seed are numbers');
console.log(`soak of ${minutes} minutes, --seed ${seed}`);

/**
 * Both instances together: 4 renames a second are 8 calls, and a sweep makes 2 more. The service allows 10.
 */
const SETTINGS = {
  ...WITH_QUEUE,
  UPSTREAM_TIMEOUT_SECONDS: '2',
  UPSTREAM_MAX_RENAMES_PER_SECOND: '2',
  TRAINING_KEY_TTL_SECONDS: '5',
  'AzureWebJobs.sweep-renames.Disabled': 'false',
  WEBHOOK_SOURCES: JSON.stringify({ events: { scheme: 'cloud-events', rename: 'data' } }),
  ACCESS_POLICY: JSON.stringify([
    { caller: '*', projects: ['*'], resources: ['*'], may: ['rename', 'read'] },
  ]),
};
const CLIENTS: readonly ClientKind[] = [
  'plain',
  'plain',
  'plain',
  'keyed',
  'keyed',
  'keyed',
  'webhook',
  'webhook',
];
const ITERATIONS = 24;
const SAMPLE_EVERY_MS = 5000;
const MAX_DRAIN_MS = 8 * 60_000;

const proxy = await startRenameProxy({ settings: SETTINGS });
let faults: string[];
try {
  faults = await soak(proxy, proxy.app, await proxy.stack.startApp());
} finally {
  await proxy.stop();
}
for (const fault of faults.slice(0, 50)) console.log(`VIOLATION ${fault}`);
console.log(`${faults.length} violations`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function soak(world: RenameProxy, first: FunctionApp, second: FunctionApp): Promise<string[]> {
  const { stack } = world;
  const random = createRandom(seed);
  const overAtMs = Date.now() + minutes * 60_000;
  const isOver = () => Date.now() > overAtMs;
  const seeded = world.seed();
  const iterations: [SeededIteration, ...SeededIteration[]] = [seeded];
  for (let index = 1; index < ITERATIONS; index += 1) iterations.push(world.seed(`Iteration ${index}`));
  stack.customVision.limitCallsPerSecond(10);

  let names = 0;
  const newName = (kind: ClientKind) => `${kind} ${(names += 1)}`;
  const clients = CLIENTS.map((kind) =>
    runClient(kind, { proxy: world, instances: [first, second], iterations, random, isOver, newName }),
  );
  const [asked, outages, samples] = await Promise.all([
    Promise.all(clients).then((all) => all.flat()),
    causeOutages(stack, seed, isOver),
    sample([first, second], isOver),
  ]);

  await world.clearFaults();
  const drainedMs = await drain(world, [first, second], iterations, asked);
  const rows = (await Promise.all(iterations.map(({ projectId }) => world.rows(projectId)))).flat();
  const effects = stack.customVision.effects();

  const records = rows.filter(({ rowKey }) => rowKey?.startsWith('rename|'));
  print('asked for', tally(asked.map(({ kind }) => kind)));
  print('answers', tally(asked.flatMap(({ answers }) => answers.map(({ status }) => String(status)))));
  print('outages', tally(outages.map(({ of, how }) => `${of} ${how}`)));
  print(
    'records',
    tally(
      records.map(
        ({ status, evidence }) =>
          `${String(status)} by ${typeof evidence === 'string' ? evidence : 'itself'}`,
      ),
    ),
  );
  print('effects', effects.length);
  print('calls of the upstream', stack.customVision.journal.length);
  print('drained in seconds', Math.round(drainedMs / 1000));
  return [...judge({ rows, effects, asked }), ...judgeProcesses(samples), ...judgeOutput([first, second])];
}

async function sample(apps: readonly FunctionApp[], isOver: () => boolean): Promise<ProcessFigures[][]> {
  const samples: ProcessFigures[][] = apps.map(() => []);
  while (!isOver()) {
    await sleep(SAMPLE_EVERY_MS);
    for (const [index, { pid }] of apps.entries()) samples[index]?.push(await readProcessFigures(pid));
    // Not needed again, and they would fill the memory of this process.
    for (const { journal } of [proxy.stack.tables, proxy.stack.queues, proxy.stack.keyVault])
      journal.length = 0;
  }
  return samples;
}

/** Sweeps until no lock is left and every accepted rename has ended. */
async function drain(
  world: RenameProxy,
  apps: readonly FunctionApp[],
  iterations: readonly SeededIteration[],
  asked: readonly Asked[],
): Promise<number> {
  const startedMs = Date.now();
  const accepted = new Set(
    asked.flatMap(({ answers }) => answers.flatMap((one) => (one.status === 202 ? [one.renameId] : []))),
  );
  for (;;) {
    const rows = (await Promise.all(iterations.map(({ projectId }) => world.rows(projectId)))).flat();
    const records = rows.filter(({ rowKey }) => rowKey?.startsWith('rename|'));
    const ended = new Set(records.filter(({ status }) => status !== 'pending').map((row) => row['renameId']));
    const isDrained =
      !rows.some(({ rowKey }) => rowKey?.startsWith('lock|')) && [...accepted].every((id) => ended.has(id));
    if (isDrained || Date.now() - startedMs > MAX_DRAIN_MS) return Date.now() - startedMs;
    await sleep(2000);
    await Promise.all(apps.map((app) => app.invoke('sweep-renames')));
  }
}

function judgeProcesses(samples: readonly (readonly ProcessFigures[])[]): string[] {
  return samples.flatMap((figures, index) => {
    const resident = firstAndLast(figures.map(({ residentMiB }) => residentMiB));
    const sockets = firstAndLast(figures.map((one) => one.sockets));
    print(`instance ${index + 1}, resident MiB`, rounded(resident));
    print(`instance ${index + 1}, sockets`, rounded(sockets));
    return [
      ...(resident.last < resident.first * 1.2 + 10 ? [] : [`instance ${index + 1} grows`]),
      ...(sockets.last < sockets.first + 30 ? [] : [`instance ${index + 1} keeps sockets`]),
    ];
  });
}

function judgeOutput(apps: readonly FunctionApp[]): string[] {
  const lines = apps.flatMap((app) => app.output().split('\n'));
  print(
    'settled by a sweep or a next request',
    lines.filter((line) => line.includes('"rename_settled"')).length,
  );
  return lines.filter((line) => line.includes('"unexpected_error"')).slice(0, 5);
}

function print(what: string, figures: number | Readonly<Record<string, number>>): void {
  console.log(`${what}: ${JSON.stringify(figures)}`);
}

function tally(list: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of list.toSorted((a, b) => (a < b ? -1 : 1))) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}

function rounded({ first, last }: { first: number; last: number }) {
  return { first: Math.round(first), last: Math.round(last) };
}

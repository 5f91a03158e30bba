import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { createRandom } from '../random.ts';
import type { AppName, BenchStack } from './bench-stack.ts';
import { cpuMsOf } from './child.ts';
import { compared, fact, type Line, SEED } from './line.ts';
import { iterationPath } from './participants/participant.ts';
import { median } from './statistics.ts';

interface ColdStart {
  /** From the start of the process to the first answer; the client tries every 2 ms from the start. */
  readonly firstAnswerMs: number;
  /** What the process has used until then. */
  readonly cpuMs: number;
  /** When the app reached each step, from the start of its process; durations come from its log. */
  readonly parts: Readonly<Record<string, number>>;
}

/**
 * The listeners of timers and queues are the host's, and in the cloud in a process of its own: here they would
 * load the storage SDK into the app's.
 */
const WITHOUT_LISTENERS = Object.fromEntries(
  ['carry-out-rename', 'settle-poisoned-rename', 'sweep-renames'].map((name) => [
    `AzureWebJobs.${name}.Disabled`,
    'true',
  ]),
);

/**
 * Writes when Node is up, when the host begins to load the app, and when it has. No TypeScript: stripping its
 * types would be measured.
 */
const MARKS = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  import { Server } from 'node:net';
  const mark = (name) => {
    const { user, system } = process.cpuUsage();
    const told = { mark: name, atMs: Date.now(), cpuMs: (user + system) / 1000 };
    process.stdout.write(JSON.stringify(told) + '\\n');
  };
  mark('Node');
  registerHooks({
    load(url, context, next) {
      if (url.endsWith('/main.js')) mark('host');
      return next(url, context);
    },
  });
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    mark('app');
    return listen.apply(this, args);
  };
`)}`;

/** Process start to the first answered rename, against a hello function in the same host, in turns. */
export async function compareColdStarts(
  bench: BenchStack,
  { rounds, beside }: { rounds: number; beside: boolean },
): Promise<Line[]> {
  const random = createRandom(SEED);
  const names: readonly AppName[] = ['product', 'usual', 'hello', ...(beside ? (['beside'] as const) : [])];
  const runs = new Map<AppName, ColdStart[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of random.shuffled(names)) runs.get(name)?.push(await coldStart(bench, name));
  }
  const of = (name: AppName): readonly ColdStart[] => runs.get(name) ?? [];
  const line = (
    name: string,
    quantity: (run: ColdStart) => number,
    [reference, other]: readonly [string, AppName],
    bound?: number,
  ): Line =>
    compared({
      name,
      unit: 'ms',
      reference,
      better: 'lower',
      ...(bound === undefined ? {} : { bound }),
      // Each start is a process of its own.
      pairs: of('product').map((run, round) => {
        const theirs = of(other)[round];
        return [{ value: quantity(run), reference: theirs === undefined ? Number.NaN : quantity(theirs) }];
      }),
    });
  const wall = ({ firstAnswerMs }: ColdStart) => firstAnswerMs;
  const cpu = ({ cpuMs }: ColdStart) => cpuMs;
  return [
    line('cold start', wall, ['hello', 'hello'], 1.35),
    line('cold start', wall, ['the usual function', 'usual']),
    line('cold start, CPU', cpu, ['hello', 'hello']),
    line('cold start, CPU', cpu, ['the usual function', 'usual']),
    ...(beside
      ? [
          line('cold start', wall, ['the other build', 'beside']),
          line('cold start, CPU', cpu, ['the other build', 'beside']),
        ]
      : []),
    ...partsOf('cold start', of('product')),
    ...partsOf("hello's start", of('hello')),
  ];
}

function partsOf(title: string, runs: readonly ColdStart[]): Line[] {
  const names = Object.keys(runs[0]?.parts ?? {});
  return names.map((name) =>
    fact(`${title}: ${name}`, median(runs.map(({ parts }) => parts[name] ?? Number.NaN)), 'ms'),
  );
}

async function coldStart(bench: BenchStack, name: AppName): Promise<ColdStart> {
  const { stack } = bench;
  const port = await freePort();
  const functionKey = 'bench';
  const target = bench.target(null);
  const seen = { identity: stack.identity.journal.length, vault: stack.keyVault.journal.length };
  const startedAtMs = Date.now();
  const startedMs = performance.now();
  const starting = bench.start(name, {
    port,
    settings: WITHOUT_LISTENERS,
    nodeArgs: ['--import', MARKS],
    keys: { masterKey: 'master', functionKey },
  });
  const headers = { 'training-key': stack.callerKeys['line-3'] ?? '', 'x-functions-key': functionKey };
  const url = `http://127.0.0.1:${port}${iterationPath(target.projectId, target.iterationIds[0] ?? '')}`;
  const dispatcher = new Agent();
  const { acceptedMs } = await askUntilAnswered(url, headers, dispatcher);
  const firstAnswerMs = performance.now() - startedMs;
  const { app } = await starting;
  const cpuMs = cpuMsOf(app.pid);
  const since = (atMs: number | undefined) => (atMs === undefined ? Number.NaN : atMs - startedAtMs);
  const marks = parseMarks(app.output());
  const completed = /"beginMs":(\d+),"upstreamMs":(\d+),"completeMs":(\d+)/.exec(app.output());
  const identity = stack.identity.journal[seen.identity];
  const vault = stack.keyVault.journal.slice(seen.vault).at(-1);
  const parts: Record<string, number> = {
    'Node is up': since(marks['Node']?.atMs),
    'host is up': since(marks['host']?.atMs),
    'app is loaded': since(marks['app']?.atMs),
    'request accepted': acceptedMs - startedMs,
    ...(identity === undefined ? {} : { 'identity asked': since(identity.atMs) }),
    ...(vault === undefined ? {} : { 'vault has answered': since(vault.atMs) }),
    ...(completed === null
      ? {}
      : {
          'begin takes': Number(completed[1]),
          'key and PATCH take': Number(completed[2]),
          'complete takes': Number(completed[3]),
        }),
    'first answer': firstAnswerMs,
    'CPU of Node': spent(marks['Node']),
    'CPU of the host': spent(marks['host']) - spent(marks['Node']),
    'CPU of loading the app': spent(marks['app']) - spent(marks['host']),
    'CPU of the first rename': cpuMs - spent(marks['app']),
  };
  await dispatcher.destroy();
  await app.stop();
  return { firstAnswerMs, cpuMs, parts };
}

interface Mark {
  readonly atMs: number;
  readonly cpuMs: number;
}

function parseMarks(output: string): Record<string, Mark> {
  const marks: Record<string, Mark> = {};
  for (const [text] of output.matchAll(/^\{"mark":.*\}$/gm)) {
    const { mark, ...told }: Mark & { mark: string } = JSON.parse(text);
    marks[mark] = told;
  }
  return marks;
}

function spent(mark: Mark | undefined): number {
  return mark?.cpuMs ?? Number.NaN;
}

/** Tries to connect every 2 ms, then waits for the answer. */
async function askUntilAnswered(
  url: string,
  headers: Record<string, string>,
  dispatcher: Agent,
): Promise<{ acceptedMs: number }> {
  for (;;) {
    const acceptedMs = performance.now();
    try {
      const { statusCode, body } = await request(url, {
        method: 'PATCH',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"name":"Release 1"}',
        dispatcher,
      });
      const text = await body.text();
      if (statusCode !== 200) throw new TypeError(`${statusCode} ${text}`);
      return { acceptedMs };
    } catch (error) {
      if (error instanceof TypeError) throw error;
      await sleep(2);
    }
  }
}

/** Below the ports that the system gives to clients, one of which could take it meanwhile. */
async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const server = createServer().listen(port, '127.0.0.1');
  const isFree = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (!isFree) return freePort();
  server.close();
  await once(server, 'close');
  return port;
}

import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { FunctionApp, FunctionAppOptions } from '../stack/function-app.ts';
import type { BenchStack } from './bench-stack.ts';
import { iterationPath } from './participants/participant.ts';
import { median } from './statistics.ts';

interface ColdStart {
  /** From the start of the process to the first answer; the client retries every 2 ms from the start. */
  readonly firstAnswerMs: number;
  /** When the app reached each step, from the start of its process; durations come from its log. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Process start to the first answered rename, against a hello function in the same host, in turns. */
export async function compareColdStarts(
  bench: BenchStack,
  rounds: number,
): Promise<Record<string, Record<string, number>>> {
  const product: ColdStart[] = [];
  const usual: ColdStart[] = [];
  const hello: ColdStart[] = [];
  for (let round = 0; round < rounds; round += 1) {
    product.push(await coldStart(bench, {}));
    usual.push(await coldStart(bench, { appRoot: bench.apps.usual }));
    hello.push(await coldStart(bench, { appRoot: bench.apps.hello }));
  }
  const helloMs = median(hello.map(({ firstAnswerMs }) => firstAnswerMs));
  const line = (runs: readonly ColdStart[]) => {
    const firstAnswerMs = median(runs.map((run) => run.firstAnswerMs));
    const names = Object.keys(runs[0]?.parts ?? {});
    return {
      'x hello': Math.round((firstAnswerMs / helloMs) * 100) / 100,
      'first answer ms': Math.round(firstAnswerMs),
      ...Object.fromEntries(
        names.map((name) => [name, Math.round(median(runs.map(({ parts }) => parts[name] ?? Number.NaN)))]),
      ),
    };
  };
  return {
    'this product': line(product),
    'function as most would write it': line(usual),
    hello: line(hello),
  };
}

async function coldStart(bench: BenchStack, options: Partial<FunctionAppOptions>): Promise<ColdStart> {
  const { stack } = bench;
  const port = await freePort();
  const functionKey = 'bench';
  const target = bench.target(null);
  const seen = { identity: stack.identity.journal.length, vault: stack.keyVault.journal.length };
  const startedAtMs = Date.now();
  const startedMs = performance.now();
  const starting = stack.startApp({
    ...options,
    settings: bench.settings,
    port,
    keys: { masterKey: 'master', functionKey },
  });
  const url = `http://127.0.0.1:${port}${iterationPath(target.projectId, target.iterationIds[0] ?? '')}`;
  const dispatcher = new Agent();
  const firstAnswer = await askUntilAnswered(url, functionKey, dispatcher);
  const firstAnswerMs = performance.now() - startedMs;
  const app: FunctionApp = await starting;
  const since = (atMs: number | undefined) => (atMs === undefined ? Number.NaN : atMs - startedAtMs);
  const completed = /"beginMs":(\d+),"upstreamMs":(\d+),"completeMs":(\d+)/.exec(app.output());
  const parts: Record<string, number> = {
    'listening at': firstAnswer.acceptedMs - startedMs,
    'identity asked at': since(stack.identity.journal[seen.identity]?.atMs),
    'vault answered at': since(stack.keyVault.journal.slice(seen.vault).at(-1)?.atMs),
    ...(completed === null
      ? {}
      : {
          'begin takes': Number(completed[1]),
          'key and PATCH take': Number(completed[2]),
          'complete takes': Number(completed[3]),
        }),
  };
  await dispatcher.destroy();
  await app.stop();
  return { firstAnswerMs, parts };
}

/** Tries to connect every 2 ms, then waits for the answer. */
async function askUntilAnswered(
  url: string,
  functionKey: string,
  dispatcher: Agent,
): Promise<{ acceptedMs: number }> {
  for (;;) {
    const acceptedMs = performance.now();
    try {
      const { statusCode, body } = await request(url, {
        method: 'PATCH',
        headers: { 'content-type': 'application/json', 'x-functions-key': functionKey },
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, RenameProxy, SeededIteration } from '../functions/rename-proxy.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import type { Random } from '../random.ts';

/** One rename that one client asked for, under a unique name, and all its answers. */
export interface Asked {
  readonly kind: ClientKind;
  readonly name: string;
  readonly projectId: string;
  readonly iterationId: string;
  readonly answers: { readonly status: number; readonly renameId: string | null }[];
}

/**
 * `keyed` clients repeat a request under one idempotency key, `webhook` clients repeat a delivery; `plain`
 * clients send one request.
 */
export type ClientKind = 'plain' | 'keyed' | 'webhook';

const MAX_ATTEMPTS = 12;
const MAX_PAUSE_MS = 3000;

export interface ClientWorld {
  readonly proxy: RenameProxy;
  readonly instances: readonly [FunctionApp, ...FunctionApp[]];
  readonly iterations: readonly [SeededIteration, ...SeededIteration[]];
  readonly random: Random;
  readonly isOver: () => boolean;
  readonly newName: (kind: ClientKind) => string;
}

/** Asks for renames one after the other until `isOver`. */
export async function runClient(kind: ClientKind, world: ClientWorld): Promise<readonly Asked[]> {
  const { random, isOver, iterations, newName } = world;
  const all: Asked[] = [];
  while (!isOver()) {
    const iteration = random.pick(iterations);
    const { projectId, iterationId } = iteration;
    const asked: Asked = { kind, name: newName(kind), projectId, iterationId, answers: [] };
    all.push(asked);
    await askUntilAnswered(asked, iteration, world);
    await sleep(800 + random.next() * 2200);
  }
  return all;
}

async function askUntilAnswered(asked: Asked, iteration: SeededIteration, world: ClientWorld): Promise<void> {
  const ask = asked.kind === 'webhook' ? deliver : rename;
  const key = randomUUID();
  for (let attempts = 0; attempts < (asked.kind === 'plain' ? 1 : MAX_ATTEMPTS); attempts += 1) {
    // Each attempt goes to a random instance.
    const answer = await ask(asked, iteration, key, world.random.pick(world.instances), world.proxy);
    asked.answers.push(answer);
    const isDone =
      answer.status < 300 || (answer.status < 500 && answer.status !== 409 && answer.status !== 429);
    // Sometimes a client loses its answer, and repeats the request.
    if (isDone && (attempts > 2 || world.random.next() < 0.8)) return;
    await sleep(Math.min(MAX_PAUSE_MS, answer.retryAfterMs) * world.random.next());
  }
}

type Answered = Asked['answers'][number] & { readonly retryAfterMs: number };

async function rename(
  { kind, name }: Asked,
  iteration: SeededIteration,
  key: string,
  app: FunctionApp,
  proxy: RenameProxy,
): Promise<Answered> {
  const headers = kind === 'keyed' ? { 'idempotency-key': key } : {};
  return answered(await proxy.rename(iteration, { name, app, headers }));
}

async function deliver(
  { name, projectId, iterationId }: Asked,
  _iteration: SeededIteration,
  id: string,
  app: FunctionApp,
): Promise<Answered> {
  const event = {
    specversion: '1.0',
    id,
    source: '/soak',
    type: 'Registry.ModelPromoted',
    data: { projectId, iterationId, name },
  };
  const response = await fetch(`${app.url}/webhooks/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json', 'x-functions-key': app.functionKey },
    body: JSON.stringify(event),
  });
  await response.arrayBuffer();
  return answered(response);
}

function answered({ status, headers }: Pick<Answer, 'status' | 'headers'>): Answered {
  const retryAfterMs = Number(headers.get('retry-after') ?? '1') * 1000;
  return { status, renameId: headers.get('rename-id'), retryAfterMs };
}

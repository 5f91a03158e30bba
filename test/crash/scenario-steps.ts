import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind } from '../stack/faults.ts';
import type { FunctionApp } from '../stack/function-app.ts';
import type { Stack } from '../stack/stack.ts';
import type { AskList } from './ask-list.ts';
import type { Clients, Told } from './clients.ts';
import { countMessages } from './drain.ts';
import { type FarEndStep, storageStepOf, upstreamStepOf } from './far-end-steps.ts';
import type { SeededIteration } from './iterations.ts';
import type { People } from './people.ts';
import { readTable } from './read-table.ts';

/** Who takes part in a scenario. */
export interface Cast {
  readonly clients: Clients;
  readonly ask: AskList['ask'];
  readonly iteration: SeededIteration;
  readonly people: People;
  readonly stack: Stack;
  /** The app's own storage, past the proxies. */
  readonly account: Pick<Stack['azurite'], 'connectionString'>;
  /** Of `worlds`, in their order. */
  readonly apps: readonly FunctionApp[];
}

// What happens in the scenarios.

export function askOnce({ clients: { persist }, ask, iteration }: Cast) {
  return persist(ask(iteration));
}

export function askWithKey({ clients: { persist }, ask, iteration }: Cast) {
  return persist(ask(iteration, { key: randomUUID() }));
}

export function deliver({ clients: { persist }, ask, iteration }: Cast) {
  return persist(ask(iteration, { by: 'sender', key: randomUUID() }));
}

export function overwriteLostPatch(cast: Cast): void {
  failPatch(cast, { kind: 'answer-lost' });
  cast.people.editAfterEffect(cast.iteration, 'by a person');
}

/** The first instance waits so long for the upstream; meanwhile the second is asked for another name. */
export async function meetLease(cast: Cast, delayMs: number): Promise<void> {
  const { clients, ask, iteration, apps } = cast;
  const [holder, observer] = apps;
  const { isMet } = failPatch(cast, { kind: 'delay', delayMs });
  const first = clients.attempt(ask(iteration), holder);
  await isMet;
  await Promise.all([first, clients.repeat(ask(iteration), WHILE_BUSY, observer)]);
}

const WHILE_BUSY = {
  retries: 30,
  isRepeated: (status: number | null) => status === 409,
  delayMs: () => 400,
};

/** `isMet` resolves when the fault has met the PATCH. */
export function failPatch(
  { stack: { customVision }, iteration }: Cast,
  fault: FaultKind,
): { readonly isMet: Promise<void> } {
  const isPatch = isFor(iteration, 'PATCH');
  const { promise: isMet, resolve } = Promise.withResolvers<void>();
  customVision.faults.inject({
    ...fault,
    when: (request) => {
      if (!isPatch(request)) return false;
      resolve();
      return true;
    },
    times: 1,
  });
  return { isMet };
}

export function isFor({ projectId }: SeededIteration, step: 'GET' | 'PATCH') {
  return (request: Parameters<typeof upstreamStepOf>[0]): boolean =>
    upstreamStepOf(request) === step && request.path.includes(projectId);
}

/** With a status that the SDKs do not retry. */
export function failOnce(
  { faults }: Stack['tables'],
  step: FarEndStep,
  { projectId }: SeededIteration,
): void {
  faults.inject({
    kind: 'status',
    status: 400,
    when: (request) => storageStepOf(request) === step && request.body.includes(projectId),
    times: 1,
  });
}

const PATIENCE_MS = 30_000;
const POLL_INTERVAL_MS = 100;

/** Waits until no message is left, visible or not. */
export function untilNoMessage({ account }: Cast): Promise<void> {
  return until(async () => (await countMessages(account)) === 0);
}

/** Waits until the rename that the client was told has ended. */
export function untilEnded(cast: Cast, told: Told): Promise<void> {
  return until(() => hasEnded(cast, told));
}

export async function hasEnded({ account }: Cast, { renameId }: Told): Promise<boolean> {
  const [record] = await readTable(account, `RowKey eq 'rename|${renameId}'`);
  return record !== undefined && record['status'] !== 'pending';
}

/** A broken product may never get there; the judge tells. */
export async function until(isReached: () => Promise<boolean>): Promise<void> {
  for (const untilMs = Date.now() + PATIENCE_MS; Date.now() < untilMs;) {
    if (await isReached()) return;
    await sleep(POLL_INTERVAL_MS);
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultKind, InjectedFault } from '../stack/faults.ts';
import type { Answer, RenameProxy, SeededIteration } from './rename-proxy.ts';

/**
 * Injects a fault into one iteration's requests of one method, until it is cleared or has met `times` of
 * them.
 */
export function injectFault(
  { stack }: RenameProxy,
  { iterationId }: SeededIteration,
  method: 'GET' | 'PATCH',
  fault: FaultKind & { times?: number },
): InjectedFault {
  return stack.customVision.faults.inject({
    ...fault,
    when: (request) => request.method === method && request.path.includes(iterationId),
  });
}

/** A person renames the iteration in the portal as soon as a request of the app has renamed it. */
export function renameInPortalAfterEffect(
  { stack: { customVision } }: RenameProxy,
  { projectId, iterationId }: SeededIteration,
  name: string,
): void {
  const { onEffect } = customVision.hooks; // of another test that runs at the same time
  let isRenamed = false;
  customVision.hooks.onEffect = async (entry, answer) => {
    await onEffect?.(entry, answer);
    if (isRenamed || entry.effect?.iterationId !== iterationId) return;
    isRenamed = true;
    customVision.setName(projectId, iterationId, name);
  };
}

/** The names that the upstream took from the app, in their order. */
export function namesTaken({ stack }: RenameProxy, { iterationId }: SeededIteration): string[] {
  return stack.customVision
    .effects()
    .filter((effect) => effect.iterationId === iterationId)
    .map(({ to }) => to);
}

export function nameNow(
  { stack }: RenameProxy,
  { projectId, iterationId }: SeededIteration,
): string | undefined {
  return stack.customVision.iteration(projectId, iterationId)?.name;
}

/** Waits as long as an answer asks for in `Retry-After`. */
export async function waitAsAsked({ headers }: Pick<Answer, 'headers'>): Promise<void> {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  if (!(seconds > 0)) throw new Error('the answer asks for no pause');
  await sleep(seconds * 1000);
}

/** The answer, or, where it is a 502 or 504, the answer to a repeat after the pause that it asks for. */
export async function repeatWhereOpen(answer: Answer, ask: () => Promise<Answer>): Promise<Answer> {
  if (answer.status < 500) return answer;
  await waitAsAsked(answer);
  return ask();
}

/** What a test compares of an answer. */
export function shownOf({ status, headers }: Pick<Answer, 'status' | 'headers'>) {
  return { status, renameId: headers.get('rename-id'), location: headers.get('location') };
}

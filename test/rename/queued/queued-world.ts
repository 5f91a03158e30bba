import { expect } from 'vitest';
import type { AcceptCommand } from '../../../src/rename/queued/accept-rename.ts';
import type { RenamePointer } from '../../../src/rename/queued/queued-rename.ts';
import type { UpstreamAnswer, UpstreamReading } from '../../../src/rename/upstream.ts';
import { createWorld, ITERATION_ID, PROJECT_ID, renamed, requestFor } from '../world.ts';

export type World = ReturnType<typeof createWorld>;

export const HOUR_MS = 3600 * 1000;

const refusal = (status: number) => ({ status, code: 'Code', message: 'Words.' });
export const NO_ANSWER: UpstreamAnswer = { kind: 'no_answer', attempts: 1, requestId: null };
export const UNREACHABLE: UpstreamAnswer = {
  kind: 'not_sent',
  reason: 'unreachable',
  attempts: 0,
  requestId: null,
};
export const REFUSED: UpstreamAnswer = {
  kind: 'refused',
  refusal: refusal(400),
  attempts: 1,
  requestId: null,
};
export const KEY_REFUSED: UpstreamAnswer = {
  kind: 'access_refused',
  refusal: refusal(401),
  attempts: 2,
  requestId: null,
};
export const THROTTLED: UpstreamAnswer = {
  kind: 'throttled',
  refusal: refusal(429),
  retryAfterMs: 7000,
  attempts: 1,
  requestId: null,
};
export const UNAVAILABLE: UpstreamReading = { kind: 'unavailable' };
export const answersWith = (answer: UpstreamAnswer) => async () => answer;

/** A delivery of the source `registry`, as the webhook accepts it. */
export function deliver(world: World, more: Partial<AcceptCommand> = {}) {
  return world.accept({
    request: requestFor('Release 1'),
    caller: { kind: 'webhook', id: 'webhook:registry', name: null },
    parties: [['webhook:registry']],
    trigger: 'webhook',
    traceId: null,
    deliveryIdentity: 'delivery-1',
    report: world.report,
    ...more,
  });
}

/** A rename that was accepted from a webhook source, as a pointer. */
export async function acceptOne(world: World, more: Partial<AcceptCommand> = {}): Promise<RenamePointer> {
  const { renameId } = await deliver(world, more);
  return { projectId: PROJECT_ID, renameId };
}

export const carryOut = (world: World, pointer: RenamePointer) =>
  world.carryOut({ pointer, traceparent: null, report: world.report });

/** A rename that was sent, and never answered. */
export async function worldInDoubt(): Promise<{ world: World; pointer: RenamePointer }> {
  const world = createWorld();
  const pointer = await acceptOne(world);
  world.script.rename = answersWith(NO_ANSWER);
  await expect(carryOut(world, pointer)).rejects.toMatchObject({ code: 'outcome_unknown' });
  world.script.rename = async (name) => renamed(name);
  return { world, pointer };
}

export function lockOf({ locks }: World) {
  const lock = locks.get(ITERATION_ID);
  if (lock === undefined) throw new Error('the iteration is not locked');
  return lock;
}

import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/observability/log-event.ts';
import type { RenamePointer } from '../../src/rename/queued/queued-rename.ts';
import { formatPointer } from '../../src/storage-queue/pointer-message.ts';
import { createReceivePoisonedRename } from '../../src/storage-queue/receive-poisoned-rename.ts';
import { createReceiveQueuedRename } from '../../src/storage-queue/receive-queued-rename.ts';
import {
  acceptOne,
  answersWith,
  lockOf,
  NO_ANSWER,
  THROTTLED,
  UNREACHABLE,
} from '../rename/queued/queued-world.ts';
import { createWorld, PROJECT_ID, reads, renamed } from '../rename/world.ts';

async function createPoisoned() {
  const world = createWorld();
  const pointer = await acceptOne(world);
  world.messages.length = 0;
  const events: LogEvent[] = [];
  const receive = createReceiveQueuedRename({ carryOut: world.carryOut, queue: world.queue });
  const poison = createReceivePoisonedRename({ receive, giveUp: world.giveUp });
  const say = (text: string) => ({
    text,
    trace: { traceparent: null, traceId: null },
    report: (event: LogEvent) => void events.push(event),
  });
  return {
    ...world,
    logged: events,
    pointer,
    attempt: (to: RenamePointer = pointer) => receive(say(formatPointer(to))),
    poison: (to: RenamePointer = pointer) => poison(say(formatPointer(to))),
    poisonText: (text: string) => poison(say(text)),
  };
}

describe('a forged poison message', () => {
  it('stops no rename: one that can be carried out is', async () => {
    const world = await createPoisoned();
    await world.poison();
    expect(world.sent).toEqual(['Release 1']);
    expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
  });

  it('stops no rename that waits for the end of a pause: it goes back to its queue', async () => {
    const world = await createPoisoned();
    world.script.rename = answersWith(THROTTLED);
    await world.attempt();
    world.messages.length = 0;
    world.script.read = async () => ({ kind: 'throttled', retryAfterMs: 7000 });
    await world.poison();
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
    expect(world.messages).toEqual([{ ...world.pointer, delayMs: 7000 }]);
  });

  it('stops no rename that is under way, which can still be completed', async () => {
    const world = await createPoisoned();
    const { promise, resolve } = Promise.withResolvers<ReturnType<typeof renamed>>();
    world.script.rename = () => promise;
    const underWay = world.attempt();
    await new Promise(setImmediate);
    await world.poison();
    resolve(renamed('Release 1'));
    await underWay;
    expect(world.records()).toMatchObject([{ status: 'succeeded', evidence: 'response' }]);
    expect(world.sent).toHaveLength(1);
  });

  it.each([
    {
      case: 'leads nowhere',
      text: formatPointer({ projectId: PROJECT_ID, renameId: '8232767999999-aaaaaaaaaa' }),
    },
    { case: 'is no pointer', text: 'anything' },
  ])('is dropped and logged where it $case', async ({ text }) => {
    const world = await createPoisoned();
    await world.poisonText(text);
    expect(world.logged).toMatchObject([{ event: 'message_dropped' }]);
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
  });
});

describe('a rename whose attempts are used up', () => {
  it('ends as not applied where the last attempt fails, too, without any of them sent', async () => {
    const world = await createPoisoned();
    world.script.rename = answersWith(UNREACHABLE);
    await expect(world.attempt()).rejects.toThrow('upstream_unreachable');
    await world.poison();
    expect(world.records()).toMatchObject([
      { status: 'not_applied', upstreamMessage: expect.stringContaining('unreachable') },
    ]);
    expect(world.locks.size).toBe(0);
  });

  it('is settled, never sent again, where the iteration cannot be read either', async () => {
    const world = await createPoisoned();
    world.script.rename = answersWith(NO_ANSWER);
    await expect(world.attempt()).rejects.toThrow('outcome_unknown');
    world.script.read = async () => ({ kind: 'unavailable' });
    world.advance(world.timings.leaseMs);
    await world.poison();
    expect(world.records()).toMatchObject([{ status: 'pending' }]);
    world.script.read = async () => reads('Iteration 1');
    world.advance(world.timings.leaseMs);
    expect(await world.settle(lockOf(world), world.report)).toBe(true);
    expect(world.records()).toMatchObject([{ status: 'not_applied', evidence: 'state' }]);
    expect(world.sent).toHaveLength(1);
  });
});

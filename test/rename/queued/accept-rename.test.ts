import { describe, expect, it } from 'vitest';
import type { AcceptedLog } from '../../../src/rename/queued/accepted-log.ts';
import { createWorld, PROJECT_ID, requestFor } from '../world.ts';
import {
  answersWith,
  carryOut,
  deliver,
  NO_ANSWER,
  REFUSED,
  UNAVAILABLE,
  type World,
} from './queued-world.ts';

const pointerTo = (renameId: string) => ({ projectId: PROJECT_ID, renameId });

describe('an accepted rename', () => {
  it('is on record before its message is sent, which holds a pointer and nothing else', async () => {
    const world = createWorld();
    const { renameId, isDuplicate } = await deliver(world);
    expect(isDuplicate).toBe(false);
    expect(world.records()).toMatchObject([{ renameId, status: 'pending', requestedName: 'Release 1' }]);
    expect(world.messages).toEqual([{ ...pointerTo(renameId), delayMs: 0 }]);
  });

  it('is accepted where its message cannot be sent: the log says so, and the sweep enqueues it', async () => {
    const world = createWorld();
    world.script.isQueueDown = true;
    const { renameId } = await deliver(world);
    expect(world.events).toEqual([{ event: 'enqueue_failed', renameId }]);
    expect([...world.waiting.keys()]).toEqual([renameId]);
  });

  it('is not claimed to be one where it cannot be known that the record stands', async () => {
    const world = createWorld({
      accepted: (): Partial<AcceptedLog> => ({
        accept: () => Promise.reject(new Error('the table is down')),
      }),
    });
    await expect(deliver(world)).rejects.toMatchObject({ code: 'acceptance_unknown' });
    expect(world.messages).toEqual([]);
  });
});

async function endedAs(status: string): Promise<{ world: World; renameId: string }> {
  const world = createWorld();
  const { renameId } = await deliver(world);
  if (status === 'rejected') world.script.rename = answersWith(REFUSED);
  if (status === 'unresolved') world.script.rename = answersWith(NO_ANSWER);
  if (status === 'not_applied') world.script.refusal = 'The grant was withdrawn.';
  await carryOut(world, pointerTo(renameId)).catch(() => {});
  if (status === 'unresolved') {
    world.script.read = async () => UNAVAILABLE;
    for (let days = 0; days < 2; days += 1) {
      await carryOut(world, pointerTo(renameId)).catch(() => {});
      world.advance(25 * 3600 * 1000);
    }
    await carryOut(world, pointerTo(renameId)).catch(() => {});
  }
  expect(world.records()).toMatchObject([{ status }]);
  world.script.refusal = null;
  world.messages.length = 0;
  return { world, renameId };
}

describe('a duplicate of a delivery', () => {
  it('gets the first rename while that is pending, and its message again, in case it was lost', async () => {
    const world = createWorld();
    const { renameId } = await deliver(world);
    expect(await deliver(world)).toEqual({ renameId, isDuplicate: true });
    expect(world.records()).toHaveLength(1);
    const message = { ...pointerTo(renameId), delayMs: 0 };
    expect(world.messages).toEqual([message, message]);
  });

  it.each(['succeeded', 'rejected', 'unresolved'])(
    'gets the first rename where that ended %s, and nothing is enqueued',
    async (status) => {
      const { world, renameId } = await endedAs(status);
      expect(await deliver(world)).toEqual({ renameId, isDuplicate: true });
      expect(world.records()).toHaveLength(1);
      expect(world.messages).toEqual([]);
    },
  );

  it('is carried out after all where the first rename ended not_applied, under a record that replaces it', async () => {
    const { world, renameId: first } = await endedAs('not_applied');
    const { renameId: second, isDuplicate } = await deliver(world);
    expect(second).not.toBe(first);
    expect(isDuplicate).toBe(false);
    expect(world.record(second)).toMatchObject({ status: 'pending', replaces: first });
    expect(await carryOut(world, pointerTo(second))).toEqual({ kind: 'done' });
    expect(world.records().map(({ status }) => status)).toEqual(['not_applied', 'succeeded']);
    expect(await deliver(world)).toEqual({ renameId: second, isDuplicate: true });
    expect(world.sent).toEqual(['Release 1']);
  });

  it('makes one new rename, however many duplicates come together', async () => {
    const { world, renameId: first } = await endedAs('not_applied');
    const answers = await Promise.all(Array.from({ length: 10 }, () => deliver(world)));
    expect(new Set(answers.map(({ renameId }) => renameId)).size).toBe(1);
    expect(answers.filter(({ isDuplicate }) => !isDuplicate)).toHaveLength(1);
    expect(world.records().map(({ replaces }) => replaces)).toEqual([null, first]);
  });

  it('that asks for something else is refused', async () => {
    const world = createWorld();
    await deliver(world);
    await expect(deliver(world, { request: requestFor('Release 2') })).rejects.toMatchObject({
      code: 'delivery_id_reused',
    });
    expect(world.records()).toHaveLength(1);
  });
});

it('a training has one rename, however often its notification comes', async () => {
  const world = createWorld();
  const renameId = '8232767999999-bbbbbbbbbb';
  const notify = () => deliver(world, { trigger: 'training', deliveryIdentity: null, renameId });
  expect(await notify()).toEqual({ renameId, isDuplicate: false });
  expect(await notify()).toEqual({ renameId, isDuplicate: true });
  await carryOut(world, pointerTo(renameId));
  expect(await notify()).toEqual({ renameId, isDuplicate: true });
  expect(world.records()).toMatchObject([{ status: 'succeeded' }]);
  expect(world.sent).toHaveLength(1);
});

const notify = (world: World, renameId: string) =>
  deliver(world, { trigger: 'training', deliveryIdentity: null, renameId });

describe('trainings', () => {
  it('of one resource are each a rename of their own', async () => {
    const world = createWorld();
    await notify(world, '8232767999999-bbbbbbbbbb');
    expect(await notify(world, '8232767999998-cccccccccc')).toMatchObject({ isDuplicate: false });
    expect(world.records()).toHaveLength(2);
  });

  it('are not renamed anew by a duplicate, also where nothing was applied', async () => {
    const world = createWorld();
    const { renameId } = await notify(world, '8232767999999-bbbbbbbbbb');
    world.script.refusal = 'Withdrawn.';
    await carryOut(world, pointerTo(renameId));
    expect(await notify(world, renameId)).toEqual({ renameId, isDuplicate: true });
    expect(world.records()).toMatchObject([{ status: 'not_applied' }]);
  });
});

import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/observability/log-event.ts';
import type { CarriedOut, CarryOutCommand } from '../../src/rename/queued/carry-out-rename.ts';
import type { QueuedRename } from '../../src/rename/queued/queued-rename.ts';
import { RenameError } from '../../src/rename/rename-error.ts';
import { formatQueuedRename } from '../../src/storage-queue/queued-rename-message.ts';
import { createReceiveQueuedRename } from '../../src/storage-queue/receive-queued-rename.ts';
import { queuedRename } from '../rename/queued/sample-queued-rename.ts';

function createWorld(carryOut: () => Promise<CarriedOut>) {
  const commands: CarryOutCommand[] = [];
  const enqueued: { rename: QueuedRename; delayMs: number }[] = [];
  const events: LogEvent[] = [];
  const receive = createReceiveQueuedRename({
    carryOut(command) {
      commands.push(command);
      return carryOut();
    },
    queue: { enqueue: async (rename, delayMs) => void enqueued.push({ rename, delayMs }) },
  });
  return {
    commands,
    enqueued,
    events,
    receive: (text: string, dequeueCount = 1) =>
      receive({ text, dequeueCount, report: (event) => void events.push(event) }),
  };
}

const DONE: CarriedOut = { kind: 'done' };
const { renameId } = queuedRename();

describe('a message of the queue', () => {
  it.each([
    { case: 'a first delivery', requeues: 0, dequeueCount: 1, isFirstDelivery: true },
    { case: 'a retry of the host', requeues: 0, dequeueCount: 2, isFirstDelivery: false },
    { case: 'a requeued one', requeues: 1, dequeueCount: 1, isFirstDelivery: false },
  ])('is carried out as $case', async ({ requeues, dequeueCount, isFirstDelivery }) => {
    const { receive, commands, enqueued } = createWorld(async () => DONE);
    const queued = { ...queuedRename(), requeues };
    await receive(formatQueuedRename(queued), dequeueCount);
    expect(commands).toMatchObject([{ queued, isFirstDelivery }]);
    expect(enqueued).toEqual([]);
  });

  it('is requeued with its delay, without counting an attempt', async () => {
    const requeue: CarriedOut = { kind: 'requeue', delayMs: 1500.4, reason: 'throttled' };
    const { receive, enqueued, events } = createWorld(async () => requeue);
    await receive(formatQueuedRename(queuedRename()));
    expect(enqueued).toEqual([{ rename: { ...queuedRename(), requeues: 1 }, delayMs: 1500.4 }]);
    expect(events).toEqual([
      { event: 'rename_requeued', renameId, reason: 'throttled', delayMs: 1500, requeues: 1 },
    ]);
  });

  it.each([
    {
      case: 'the code of a RenameError',
      error: new RenameError('audit_unavailable'),
      reason: 'audit_unavailable',
    },
    {
      case: 'the name of another error, not its message',
      error: new TypeError('a secret'),
      reason: 'TypeError',
    },
  ])('rejects a failed attempt with $case, so that the host retries', async ({ error, reason }) => {
    const { receive, events } = createWorld(() => Promise.reject(error));
    await expect(receive(formatQueuedRename(queuedRename()))).rejects.toThrow(
      `the rename ${renameId} failed: ${reason}`,
    );
    expect(events).toEqual([{ event: 'rename_attempt_failed', renameId, reason }]);
  });

  it('that is not a queued rename is rejected, and nothing is carried out', async () => {
    const { receive, commands } = createWorld(async () => DONE);
    await expect(receive('not a rename')).rejects.toThrow('the message is not a queued rename');
    expect(commands).toEqual([]);
  });
});

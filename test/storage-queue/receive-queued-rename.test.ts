import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/observability/log-event.ts';
import type { CarriedOut, CarryOutCommand } from '../../src/rename/queued/carry-out-rename.ts';
import type { RenamePointer } from '../../src/rename/queued/queued-rename.ts';
import { RenameError } from '../../src/rename/rename-error.ts';
import { formatPointer } from '../../src/storage-queue/pointer-message.ts';
import { createReceiveQueuedRename } from '../../src/storage-queue/receive-queued-rename.ts';
import { PROJECT_ID } from '../rename/world.ts';

const POINTER = { projectId: PROJECT_ID, renameId: '8232767999999-aaaaaaaaaa' };
const { renameId } = POINTER;
const TRACE = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', traceId: null };
const DONE: CarriedOut = { kind: 'done' };

function createWorld(carryOut: () => Promise<CarriedOut>) {
  const commands: CarryOutCommand[] = [];
  const enqueued: { pointer: RenamePointer; delayMs: number }[] = [];
  const events: LogEvent[] = [];
  const receive = createReceiveQueuedRename({
    carryOut(command) {
      commands.push(command);
      return carryOut();
    },
    queue: { enqueue: async (pointer, delayMs) => void enqueued.push({ pointer, delayMs }) },
  });
  return {
    commands,
    enqueued,
    events,
    receive: (text: string) => receive({ text, trace: TRACE, report: (event) => void events.push(event) }),
  };
}

describe('a message of the queue', () => {
  it('has the rename carried out that it points to, under its own trace', async () => {
    const { receive, commands, enqueued, events } = createWorld(async () => DONE);
    await receive(formatPointer(POINTER));
    expect(commands).toMatchObject([{ pointer: POINTER, traceparent: TRACE.traceparent }]);
    expect([enqueued, events]).toEqual([[], []]);
  });

  it('is requeued with its delay, without counting an attempt', async () => {
    const requeue: CarriedOut = { kind: 'requeue', delayMs: 1500.4, reason: 'throttled' };
    const { receive, enqueued, events } = createWorld(async () => requeue);
    await receive(formatPointer(POINTER));
    expect(enqueued).toEqual([{ pointer: POINTER, delayMs: 1500.4 }]);
    expect(events).toEqual([{ event: 'rename_requeued', renameId, reason: 'throttled', delayMs: 1500 }]);
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
    await expect(receive(formatPointer(POINTER))).rejects.toThrow(`the rename ${renameId} failed: ${reason}`);
    expect(events).toEqual([{ event: 'rename_attempt_failed', renameId, reason }]);
  });

  it('that is no pointer is dropped and logged in part: nothing is carried out, and the host does not retry it', async () => {
    const { receive, commands, enqueued, events } = createWorld(async () => DONE);
    const text = `not a pointer ${'x'.repeat(60_000)}`;
    await receive(text);
    expect([commands, enqueued]).toEqual([[], []]);
    const message = text.slice(0, 200);
    expect(events).toEqual([
      { event: 'message_dropped', reason: 'it is not a pointer to a rename', message },
    ]);
  });

  it('that points to no rename is dropped and logged, and not requeued', async () => {
    const { receive, enqueued, events } = createWorld(async () => ({ kind: 'dropped' }));
    await receive(formatPointer(POINTER));
    expect(enqueued).toEqual([]);
    expect(events).toEqual([
      { event: 'message_dropped', reason: 'it points to no rename', message: formatPointer(POINTER) },
    ]);
  });
});

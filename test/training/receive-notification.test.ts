import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../../src/observability/log-event.ts';
import type { Naming } from '../../src/training/name-trained-iteration.ts';
import { createReceiveNotification } from '../../src/training/receive-notification.ts';
import { ITERATION_ID, PROJECT_ID } from '../rename/world.ts';

const HOUR_MS = 3600 * 1000;
const MESSAGE = {
  version: '1.0',
  type: 'Training',
  Content: { projectId: PROJECT_ID, iterationId: ITERATION_ID, trainingStatus: 'TrainingCompleted' },
};

function createWorld(naming: () => Promise<Naming>) {
  const requeued: { text: string; delayMs: number }[] = [];
  const events: LogEvent[] = [];
  const clock = { nowMs: Date.parse('2026-01-01T00:00:00.000Z') };
  const receive = createReceiveNotification({
    resource: 'default',
    nameTrainedIteration: naming,
    requeue: async (text, delayMs) => void requeued.push({ text, delayMs }),
    now: () => clock.nowMs,
  });
  return {
    requeued,
    events,
    clock,
    receive: (text: string) =>
      receive(text, { traceparent: null, traceId: null }, (event) => void events.push(event)),
  };
}

const THROTTLED: Naming = { kind: 'throttled', retryAfterMs: 7000.4 };

describe('a notification whose iteration cannot be read because of a pause', () => {
  it('is requeued with its delay for a day, without counting an attempt, then refused and logged', async () => {
    const { requeued, events, clock, receive } = createWorld(async () => THROTTLED);
    let text = JSON.stringify(MESSAGE);
    for (let hours = 0; hours < 24; hours += 1) {
      await receive(text);
      const again = requeued.at(-1);
      expect(again?.delayMs).toBe(7000.4);
      text = again?.text ?? '';
      expect(JSON.parse(text)).toEqual({ ...MESSAGE, throttledSince: '2026-01-01T00:00:00.000Z' });
      expect(events.at(-1)).toMatchObject({ event: 'notification_requeued', delayMs: 7000 });
      clock.nowMs += HOUR_MS;
    }
    await receive(text);
    expect(requeued).toHaveLength(24);
    expect(events.at(-1)).toMatchObject({
      event: 'notification_refused',
      iterationId: ITERATION_ID,
      reason: expect.stringContaining('for a day'),
    });
  });

  it.each(['never', '', '9999-12-31T00:00:00.000Z'])(
    'is not requeued for ever where the message says that its pauses began %j',
    async (throttledSince) => {
      const { requeued, clock, receive } = createWorld(async () => THROTTLED);
      let text = JSON.stringify({ ...MESSAGE, throttledSince });
      for (let hours = 0; hours < 30; hours += 1) {
        await receive(text);
        text = requeued.at(-1)?.text ?? text;
        clock.nowMs += HOUR_MS;
      }
      expect(requeued).toHaveLength(24);
    },
  );
});

it('a notification whose iteration is not available is rejected, so that the host retries', async () => {
  const { receive, requeued } = createWorld(() => Promise.reject(new Error('not now')));
  await expect(receive(JSON.stringify(MESSAGE))).rejects.toThrow('not now');
  expect(requeued).toEqual([]);
});

import { fc } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { anyText } from '../any-text.ts';
import type { LogEvent } from '../../src/observability/log-event.ts';
import { LATEST_EPOCH_MS } from '../../src/rename/rename-id.ts';
import { messageText } from '../../src/storage-queue/message-text.ts';
import { formatPointer, parsePointer } from '../../src/storage-queue/pointer-message.ts';
import { createReceiveQueuedRename } from '../../src/storage-queue/receive-queued-rename.ts';
import { createWorld, ITERATION_ID, PROJECT_ID, requestFor } from '../rename/world.ts';
import { acceptOne } from '../rename/queued/queued-world.ts';

const MESSAGES = 10_000;

const renameId = fc
  .tuple(fc.nat(LATEST_EPOCH_MS), fc.stringMatching(/^[a-z2-7]{10}$/))
  .map(([ms, word]) => `${String(ms).padStart(13, '0')}-${word}`);
const uuid = fc.oneof(fc.uuid(), fc.constantFrom(PROJECT_ID, ITERATION_ID));
const hostileText = fc.oneof(
  fc.constantFrom('..', '.', '', '../..', 'projects', '\u0000', "' or true or '", '__proto__', '%2e%2e'),
  anyText(),
);

/**
 * What a writer of the queue might send: pointers of his own, renames as the queue held them once, and
 * anything else.
 */
const pointer = fc.record({ projectId: uuid, renameId });
const forgedRename = fc.record({
  version: fc.constant(1),
  renameId: fc.oneof(renameId, hostileText),
  request: fc.record({
    resource: fc.constantFrom('default', 'other'),
    endpointHost: fc.constantFrom('japaneast.api.cognitive.microsoft.com', 'evil.example'),
    apiVersion: fc.oneof(fc.constant('v3.2'), hostileText),
    projectId: fc.oneof(uuid, hostileText),
    iterationId: fc.oneof(uuid, hostileText),
    name: fc.string(),
  }),
  caller: fc.record({ kind: fc.constantFrom('webhook', 'function-key'), id: fc.string(), name: fc.string() }),
  trigger: fc.constantFrom('http', 'webhook', 'training'),
  requestedAt: fc.constant('2020-01-01T00:00:00.000Z'),
});
const almostPointer = fc.record(
  {
    projectId: fc.oneof(uuid, hostileText, fc.anything()),
    renameId: fc.oneof(renameId, hostileText, fc.anything()),
  },
  { requiredKeys: [] },
);
const whole = fc.oneof(
  pointer.map((value) => formatPointer(value)),
  fc.tuple(pointer, forgedRename).map((values) => JSON.stringify(Object.assign({}, ...values.toReversed()))),
  forgedRename.map((value) => JSON.stringify(value)),
  almostPointer.map((value) => fc.stringify(value)),
  fc.json(),
  anyText({ maxLength: 2000 }),
);
const message = fc.oneof(
  whole,
  fc
    .tuple(whole, fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([text, part]) => text.slice(0, text.length * part)),
  whole.map((text) => Buffer.from(text).toString('base64')),
);

it(`${MESSAGES} forged, malformed and truncated messages send nothing, record nothing, and are never retried`, async () => {
  const world = createWorld();
  const accepted = await acceptOne(world, { request: requestFor('Release 1') });
  const before = JSON.stringify([world.records(), [...world.waiting], world.steps, world.messages]);
  world.script.read = () => Promise.reject(new Error('the iteration was read'));
  const events: LogEvent[] = [];
  const receive = createReceiveQueuedRename({ carryOut: world.carryOut, queue: world.queue });
  let pointers = 0;
  await fc.assert(
    fc.asyncProperty(message, async (text) => {
      const seen = parsePointer(text);
      if (seen !== null) pointers += 1;
      fc.pre(seen?.renameId !== accepted.renameId);
      events.length = 0;
      // As the host passes it on: JSON is parsed already. It resolves, so that the host deletes the message.
      await receive({
        text: messageText(parsed(text)),
        trace: { traceparent: null, traceId: null },
        report: (event) => void events.push(event),
      });
      expect(events).toMatchObject([{ event: 'message_dropped' }]);
      expect(JSON.stringify(events).length).toBeLessThan(2000);
    }),
    { numRuns: MESSAGES },
  );
  expect(world.sent).toEqual([]);
  expect(JSON.stringify([world.records(), [...world.waiting], world.steps, world.messages])).toBe(before);
  expect(pointers).toBeGreaterThan(MESSAGES / 20);
  process.stdout.write(`${MESSAGES} messages dropped, ${pointers} of them pointers to no rename\n`);
}, 60_000);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

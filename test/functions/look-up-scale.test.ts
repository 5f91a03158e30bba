import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type RenameProxy, startRenameProxy } from './rename-proxy.ts';

vi.setConfig({ testTimeout: 60_000 });

const MIB = 1024 * 1024;
const MAX_BYTES = 4 * MIB;

let proxy: RenameProxy;
let projectId: string;
beforeAll(async () => {
  proxy = await startRenameProxy();
  ({ projectId } = proxy.seed());
  await lookUp(); // loads what the first one needs
});
afterEach(() => proxy.clearFaults());
afterAll(() => proxy.stop());

async function lookUp(accept = 'application/json') {
  const { app } = proxy;
  const startedMs = performance.now();
  const answer = await fetch(`${app.url}/customvision/v3.2/training/projects/${projectId}/iterations`, {
    headers: { 'x-functions-key': app.functionKey, accept },
  });
  const text = await answer.text();
  return { status: answer.status, text, tookMs: performance.now() - startedMs };
}

/** As the service shows them, without the properties that may be empty. */
function iterationsOf(count: number) {
  return Array.from({ length: count }, (_, index) => ({
    id: randomUUID(),
    name: `v${index} line-3 検査`,
    status: 'Completed',
    created: '2026-11-20T08:12:31.203Z',
    lastModified: '2026-11-24T09:30:00.000Z',
    trainedAt: '2026-11-20T08:31:04.117Z',
    projectId,
    exportable: true,
    domainId: 'ee85a74c-405e-4adc-bb47-ffa8ca0c9f31',
    trainingType: 'Regular',
  }));
}

/** The most that the process has had resident since the last reset. */
function peakMiB(): number {
  const status = readFileSync(`/proc/${proxy.app.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

it('shows 10,000 iterations within bounds of time and memory, in JSON and XML', async () => {
  const iterations = iterationsOf(10_000);
  const body = JSON.stringify(iterations);
  expect(body.length).toBeGreaterThan(3 * MIB);
  expect(Buffer.byteLength(body)).toBeLessThan(MAX_BYTES);
  proxy.stack.customVision.faults.inject({ kind: 'body', body });
  const before = peakMiB();
  const inJson = await lookUp();
  expect([inJson.status, JSON.parse(inJson.text)]).toEqual([200, iterations]);
  const inXml = await lookUp('text/xml');
  expect(inXml.text.match(/<Iteration>/g)).toHaveLength(10_000);
  for (let again = 0; again < 8; again += 1) expect((await lookUp()).status).toBe(200);
  const grownMiB = peakMiB() - before;
  expect(Math.max(inJson.tookMs, inXml.tookMs)).toBeLessThan(10_000);
  expect(grownMiB).toBeLessThan(400);
});

it.each([
  { case: 'of 4 MiB', bytes: MAX_BYTES, status: 200 },
  { case: 'of one byte more', bytes: MAX_BYTES + 1, status: 502 },
])('an answer $case is answered $status', async ({ bytes, status }) => {
  const [one] = iterationsOf(1);
  const empty = JSON.stringify([{ ...one, name: '' }]).length;
  const body = JSON.stringify([{ ...one, name: 'x'.repeat(bytes - empty) }]);
  expect(Buffer.byteLength(body)).toBe(bytes);
  proxy.stack.customVision.faults.inject({ kind: 'body', body });
  expect((await lookUp()).status).toBe(status);
});

it('refuses a larger answer with what to do, and does not read on', async () => {
  const body = Buffer.alloc(200 * MIB, ' ');
  proxy.stack.customVision.faults.inject({ kind: 'body', body });
  const before = peakMiB();
  const { status, text } = await lookUp();
  expect(status).toBe(502);
  expect(JSON.parse(text)).toEqual({
    code: 'ErrorUnknown',
    message:
      'The look-up failed: the answer of Custom Vision is larger than 4 MiB. Look up one project or iteration by its id, or delete those that are no longer needed.',
  });
  expect(peakMiB() - before).toBeLessThan(100);
});

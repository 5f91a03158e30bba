import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SeededIteration } from '../functions/rename-proxy.ts';
import { connectRaw, jsonIn, statusesIn } from '../stack/fixtures/raw-exchange.ts';
import { SECRETS, SIGN, startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';

// The Functions host passes a chunked body on as an empty one.

let proxy: WebhookProxy;
beforeAll(async () => {
  proxy = await startWebhookProxy();
});
afterAll(() => proxy.stop());

const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const inOneByteChunks = (text: string) => `${Array.from(text, chunk).join('')}0\r\n\r\n`;

function headOf(request: string, headers: Record<string, string>): string {
  const all = { Host: 'h', 'x-functions-key': proxy.app.functionKey, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${request} HTTP/1.1\r\n${lines.join('')}`;
}

/** Every way in for a body, each acceptable but for how the body is sent. */
const WAYS: { way: string; head: (iteration: SeededIteration, body: string) => string; data: object }[] = [
  {
    way: 'a rename',
    head: ({ path }) => headOf(`PATCH ${path}`, { 'content-type': 'application/json' }),
    data: { name: 'chunked' },
  },
  {
    way: 'a signed delivery',
    head: (_, body) => {
      const signed = SIGN.github({ body, secret: SECRETS.github, id: 'chunked' });
      return headOf('POST /webhooks/github', { 'content-type': 'application/json', ...signed });
    },
    data: { name: 'chunked' },
  },
  {
    way: 'a binary CloudEvent',
    head: () =>
      headOf('POST /webhooks/events', {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': 'chunked',
        'ce-source': '/a',
        'ce-type': 'b',
      }),
    data: { name: 'chunked' },
  },
];

async function answerTo(bytes: string): Promise<string> {
  const client = await connectRaw(proxy.app.url);
  client.send(bytes);
  await expect.poll(() => client.received(), { timeout: 10_000 }).toMatch(/\r\n0\r\n\r\n$/);
  client.destroy();
  return client.received();
}

describe.each(WAYS)('$way', ({ head, data }) => {
  it('whose body comes in chunks is told how to send a length, and has no effect', async () => {
    const iteration = proxy.seed();
    const body = JSON.stringify({ ...iteration, path: undefined, ...data });
    const answer = await answerTo(`${head(iteration, body)}${CHUNKED}\r\n${inOneByteChunks(body)}`);
    expect(statusesIn(answer)).toEqual([411]);
    expect(jsonIn(answer)).toMatchObject({
      code: 'BadRequest',
      message: expect.stringMatching(/Content-Length.*LoadIntoBufferAsync.*ofByteArray.*emitter/),
    });
    expect(await proxy.rows(iteration.projectId)).toEqual([]);
  });

  it('whose body never ends is answered at once', async () => {
    const iteration = proxy.seed();
    const answer = await answerTo(`${head(iteration, '')}${CHUNKED}\r\n${chunk('{"name":')}`);
    expect(statusesIn(answer)).toEqual([411]);
  });

  it('of 10 MB is too large', async () => {
    const body = 'x'.repeat(10_000_000);
    const answer = await answerTo(`${head(proxy.seed(), body)}Content-Length: ${body.length}\r\n\r\n${body}`);
    expect(statusesIn(answer)).toEqual([413]);
  });
});

it('holds no memory for bodies that it refuses', async () => {
  const before = await flood(15);
  // 300 MB pass by; what the collector leaves lying is no more than a few of them.
  expect((await flood(30)) - before).toBeLessThan(100);
}, 60_000);

/** Sends what is refused, and tells how much memory the app takes then. */
async function flood(rounds: number): Promise<number> {
  for (let round = 0; round < rounds; round += 1) {
    const body = 'x'.repeat(10_000_000);
    const path = `${proxy.app.url}/webhooks/github`;
    expect((await fetch(path, { method: 'POST', body })).status).toBe(413);
    const client = await connectRaw(proxy.app.url);
    client.send(`${headOf('POST /webhooks/github', {})}${CHUNKED}\r\n${chunk('x'.repeat(100_000))}`);
    await expect.poll(() => client.received(), { timeout: 10_000 }).not.toBe('');
    client.destroy();
  }
  await sleep(200);
  return residentMib();
}

async function residentMib(): Promise<number> {
  const status = await readFile(`/proc/${proxy.app.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

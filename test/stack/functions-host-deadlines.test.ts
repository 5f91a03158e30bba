import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRaw, statusesIn, type RawClient } from './fixtures/raw-exchange.ts';
import {
  KESTREL_DEADLINES,
  serveConnection,
  type ConnectionDeadlines,
} from './functions-host/http1/serve-connection.ts';

/** The real host's, but quicker. */
const DEADLINES: ConnectionDeadlines = {
  idleMs: 700,
  headMs: 300,
  body: { graceMs: 300, minBytesPerSecond: 240 },
};

let server: Server;
let url: string;
let client: RawClient;
let bodies: number[];

beforeEach(async () => {
  bodies = [];
  server = createServer((socket) => {
    serveConnection(socket, {
      deadlines: DEADLINES,
      async handle(head, body) {
        if (head.path === '/unread') return { status: 404 };
        bodies.push((await body.read()).length);
        return { status: 200 };
      },
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  client = await connectRaw(url);
});
afterEach(() => {
  client.destroy();
  server.close();
});

const post = (path: string, length: number): string =>
  `POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`;

it("keeps the real host's deadlines: 130 s idle, 30 s for a head, 240 bytes a second for a body after 5 s", () => {
  expect(KESTREL_DEADLINES).toEqual({
    idleMs: 130_000,
    headMs: 30_000,
    body: { graceMs: 5000, minBytesPerSecond: 240 },
  });
});

describe('a slow client', () => {
  it('that never finishes its head is answered 408, and the connection ends', async () => {
    client.send('GET / HTTP/1.1\r\nHost: h\r\n');
    await client.ended;
    expect(statusesIn(client.received())).toEqual([408]);
  });

  it('that drips its head is answered 408 all the same', async () => {
    const drip = setInterval(() => client.send('X-A: a\r\n'), 50);
    client.send('GET / HTTP/1.1\r\n');
    await client.ended;
    clearInterval(drip);
    expect(statusesIn(client.received())).toEqual([408]);
  });

  it('that stops within its body is answered 500, and nothing runs', async () => {
    client.send(`${post('/', 5000)}abc`);
    await client.ended;
    expect([statusesIn(client.received()), bodies]).toEqual([[500], []]);
  });

  it('that drips its body slower than the least rate is answered 500', async () => {
    const drip = setInterval(() => client.send('ab'), 50); // 40 bytes a second
    client.send(post('/', 5000));
    await client.ended;
    clearInterval(drip);
    expect([statusesIn(client.received()), bodies]).toEqual([[500], []]);
  });

  it('that keeps the least rate is waited for', async () => {
    client.send(post('/', 1600));
    for (let sent = 0; sent < 1600; sent += 200) {
      client.send('a'.repeat(200));
      await sleep(50);
    }
    await expect.poll(() => bodies).toEqual([1600]);
    expect(statusesIn(client.received())).toEqual([200]);
  });

  it('whose body is not wanted has its answer at once, and the connection until it should have sent it', async () => {
    client.send(post('/unread', 3));
    await expect.poll(() => statusesIn(client.received())).toEqual([404]);
    await client.ended;
    expect(statusesIn(client.received())).toEqual([404]);
  });

  it('that only ever connects, or has been answered, is let go without a word', async () => {
    await client.ended;
    expect(client.received()).toBe('');
    const answered = await connectRaw(url);
    answered.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await answered.ended;
    expect(statusesIn(answered.received())).toEqual([200]);
  });
});

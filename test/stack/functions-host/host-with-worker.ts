import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

// The host as two processes, as the real one is: this one has the port, and passes bytes to a worker, which is
// the in-process host with the app. A worker that dies is started anew; what it left without an answer gets an
// empty 500.
//   node host-with-worker.ts --app-root DIR [--port N] [--queue-lease-seconds N]

interface Worker {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly port: number;
  readonly functions: unknown;
  readonly exited: Promise<unknown>;
}

const { values: args } = parseArgs({
  options: {
    'app-root': { type: 'string', default: process.cwd() },
    port: { type: 'string', default: '0' },
    'queue-lease-seconds': { type: 'string', default: '600' },
  },
});
const LOOKS = 40;
const IDLE_LOOKS = 3;
const LOOK_EVERY_MS = 50;
/** Of the last chunk, or of headers without a body: half an answer must not keep its client waiting. */
const END_OF_ANSWER = Buffer.from('\r\n\r\n');
const NO_ANSWER = 'HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

let worker = startWorker();
let isEnding = false;

process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());

const { functions } = await worker;
const server = createServer({ allowHalfOpen: true }, (client) => {
  client.on('error', () => client.destroy());
  relay(client).catch(() => client.destroy());
});
server.on('error', (error) => {
  process.stderr.write(`The host cannot listen: ${error.message}\n`);
  process.exit(1);
});
server.listen(Number(args.port), '127.0.0.1', () => {
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}`, functions })}\n`);
});

/** Resolves when the worker answers requests; this process ends with a worker that does not come up. */
async function startWorker(): Promise<Worker> {
  const program = fileURLToPath(new URL('main.ts', import.meta.url));
  const options = ['app-root', 'queue-lease-seconds'] as const;
  const started = spawn(
    process.execPath,
    [...process.execArgv, program, ...options.flatMap((option) => [`--${option}`, args[option]])],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(started, 'exit');
  const output = createInterface({ input: started.stdout });
  const ready = new Promise<{ url: string; functions: unknown }>((resolve) => {
    output.on('line', (line) => {
      if (line.startsWith('{"ready":true,')) resolve(JSON.parse(line));
      else process.stdout.write(`${line}\n`);
    });
  });
  const up = await Promise.race([ready, exited.then(() => null)]);
  if (up === null) process.exit(started.exitCode ?? 1);
  started.once('exit', () => {
    if (isEnding) return;
    process.stdout.write(`[error] Language Worker Process exited. Pid=${started.pid}.\n`);
    worker = startWorker();
  });
  return { process: started, port: Number(new URL(up.url).port), functions: up.functions, exited };
}

/** Passes one client's bytes to the worker of the day, and its answers back. */
async function relay(client: Socket): Promise<void> {
  let toWorker: Socket | null = null;
  let isUnanswered = false;
  let isWhole = true;

  const open = async (): Promise<Socket> => {
    const { socket, port } = await connectToWorker();
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      isUnanswered = false;
      isWhole = bytes.subarray(-END_OF_ANSWER.length).equals(END_OF_ANSWER);
    });
    socket.pipe(client, { end: false });
    socket.once('end', () => socket.end());
    socket.once('close', () => {
      toWorker = null;
      const wasUnanswered = isUnanswered;
      void isDying(port, wasUnanswered ? LOOKS : IDLE_LOOKS).then((isIt) => {
        // Whatever is put into half an answer would be taken for a part of it.
        if (!isIt || !isWhole) return wasUnanswered ? client.destroy() : client.end();
        // An idle client does not notice that the worker has changed.
        return wasUnanswered ? client.end(NO_ANSWER) : client;
      });
    });
    return socket;
  };

  for await (const bytes of client.iterator({ destroyOnReturn: false })) {
    isUnanswered = true;
    toWorker ??= await open();
    if (!toWorker.write(bytes)) await writableOrGone(toWorker);
  }
  toWorker?.end();
}

/** Waits for the next worker where this one has died, though the news of it is still on its way. */
async function connectToWorker(): Promise<{ socket: Socket; port: number }> {
  for (;;) {
    const { port, exited } = await worker;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    try {
      await once(socket, 'connect');
      return { socket, port };
    } catch {
      await exited;
    }
  }
}

/** The kernel closes the connections of a dead process one after the other, and its port among them. */
async function isDying(port: number, looks: number): Promise<boolean> {
  for (let look = 0; look < looks; look += 1) {
    if (!(await listens(port))) return true;
    await sleep(LOOK_EVERY_MS);
  }
  return false;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ port, host: '127.0.0.1' });
    probe.once('error', () => resolve(false));
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
  });
}

async function writableOrGone(socket: Socket): Promise<void> {
  await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
}

async function end(): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  const { process: last, exited } = await worker;
  last.kill('SIGTERM');
  await exited;
  process.exit(0);
}

import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { actsFirst, createFaultRegister, type Faults, type FaultsMet } from './faults.ts';
import type { ReceivedRequest } from './received-request.ts';
import type { LoopbackCertificate } from './loopback-certificate.ts';

/**
 * One request as the simulator saw it. It stands in the journal from the moment it was received, whatever
 * becomes of the client.
 */
export interface JournalEntry<Effect = never> extends ReceivedRequest {
  /** One counter for receipts and effects of a simulator: the order in which they took place. */
  seq: number;
  atMs: number;
  /** The status answered, or null while (or when) none was. */
  status: number | null;
  /** What the request changed, and when; null when it changed nothing. */
  effect: (Effect & { seq: number; atMs: number }) | null;
}

/** Each hook is awaited before the simulator goes on, so that a harness can stop the world right there. */
export interface SimulatorHooks<Effect = never> {
  onReceived?: (entry: JournalEntry<Effect>) => Promise<void> | void;
  /** After the work is done, before anything is answered; `answer` is what will be. */
  onEffect?: (entry: JournalEntry<Effect>, answer: SimulatorAnswer<Effect>) => Promise<void> | void;
  onAnswered?: (entry: JournalEntry<Effect>) => Promise<void> | void;
}

export interface SimulatorAnswer<Effect = never> {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string | Buffer;
  effect?: Effect;
}

export interface Simulator<Effect = never> {
  port: number;
  /** `http://127.0.0.1:PORT` or https, without a slash at the end. */
  origin: string;
  journal: JournalEntry<Effect>[];
  faults: Faults;
  hooks: SimulatorHooks<Effect>;
  stop(): Promise<void>;
}

export interface SimulatorOptions<Effect> {
  port?: number;
  certificate?: LoopbackCertificate;
  now?: () => number;
  /** The raw body is given beside its text, for what must be passed on byte for byte. */
  act: (
    request: ReceivedRequest,
    rawBody: Buffer,
  ) => Promise<SimulatorAnswer<Effect>> | SimulatorAnswer<Effect>;
}

/**
 * A local far end: it journals every request, applies the faults in force, and otherwise answers what `act`
 * says.
 */
export async function startSimulatorServer<Effect = never>(
  options: SimulatorOptions<Effect>,
): Promise<Simulator<Effect>> {
  const { act, certificate, now = Date.now } = options;
  const register = createFaultRegister();
  const journal: JournalEntry<Effect>[] = [];
  const hooks: SimulatorHooks<Effect> = {};
  let seq = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const rawBody = await readBody(request);
    const received = describe(request, rawBody);
    const entry: JournalEntry<Effect> = {
      seq: (seq += 1),
      atMs: now(),
      ...received,
      status: null,
      effect: null,
    };
    journal.push(entry);
    await hooks.onReceived?.(entry);

    const met = register.meet(received);
    if (met.delayBeforeMs > 0) await sleep(met.delayBeforeMs);

    let good: SimulatorAnswer<Effect> = { status: 200 };
    if (actsFirst(met.ending)) {
      good = await act(received, rawBody);
      if (good.effect !== undefined) entry.effect = { ...good.effect, seq: (seq += 1), atMs: now() };
      await hooks.onEffect?.(entry, good);
    }

    if (met.delayAfterMs > 0) await sleep(met.delayAfterMs);
    await end({ entry, ending: met.ending, good, request, response });
    await hooks.onAnswered?.(entry);
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    answer(request, response).catch(() => request.socket.destroy());
  };
  const server: Server =
    certificate === undefined
      ? createHttpServer(onRequest)
      : createHttpsServer({ key: certificate.key, cert: certificate.cert }, onRequest);
  // Keep-alive connections must not be closed under a client that is about to reuse one: that would be a
  // fault that was not injected.
  server.keepAliveTimeout = 60_000;

  const port = await listen(server, options.port ?? 0);
  const accept = async (): Promise<void> => {
    if (!server.listening) await listen(server, port);
  };

  return {
    port,
    origin: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    journal,
    hooks,
    faults: {
      inject: (fault) => register.inject(fault),
      refuse: () => close(server),
      accept,
      clear: () => {
        register.clear();
        return accept();
      },
    },
    stop: () => close(server),
  };
}

interface Ending<Effect> {
  entry: JournalEntry<Effect>;
  ending: FaultsMet['ending'];
  good: SimulatorAnswer<Effect>;
  request: IncomingMessage;
  response: ServerResponse;
}

async function end<Effect>({ entry, ending, good, request, response }: Ending<Effect>): Promise<void> {
  const send = async (answer: SimulatorAnswer<Effect>): Promise<void> => {
    entry.status = answer.status;
    const body = Buffer.from(answer.body ?? '');
    const ended = new Promise<void>((resolve) => response.once('close', resolve));
    response.writeHead(answer.status, lengthened(answer, body));
    response.end(body);
    await ended;
  };

  switch (ending?.kind) {
    case undefined:
      return send(good);
    case 'hang':
      return new Promise<void>((resolve) => request.socket.once('close', () => resolve()));
    case 'reset':
    case 'answer-lost':
      request.socket.resetAndDestroy();
      return;
    case 'status':
      return send({ status: ending.status, headers: ending.headers ?? {}, body: ending.body ?? '' });
    case 'redirect':
      return send({ status: ending.status ?? 307, headers: { location: ending.location } });
    case 'body':
      return send({
        status: ending.status ?? good.status,
        headers: { 'content-type': 'application/json', ...good.headers, ...ending.headers },
        body: ending.body,
      });
    case 'stall': {
      const body = Buffer.from(good.body ?? '{"half":');
      entry.status = good.status;
      response.writeHead(good.status, { ...good.headers, 'content-length': String(body.length + 1) });
      response.write(body.subarray(0, Math.ceil(body.length / 2)));
      return new Promise<void>((resolve) => request.socket.once('close', () => resolve()));
    }
  }
}

function lengthened<Effect>(
  answer: SimulatorAnswer<Effect>,
  body: Buffer,
): Record<string, string | string[]> {
  const headers = { ...answer.headers };
  // 204 and 304 carry no body, and so no length.
  if (answer.status !== 204 && answer.status !== 304) headers['content-length'] = String(body.length);
  return headers;
}

function describe(request: IncomingMessage, rawBody: Buffer): ReceivedRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  }
  return {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    headers,
    body: rawBody.toString('utf8'),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'));
      else resolve(address.port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

import { channel } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { serializeAnswer, type HttpAnswer } from './http-answer.ts';
import { createRequestBody, type BodyDeadline, type RequestBody } from './request-body.ts';
import { findHeadEnd, parseRequestHead, RefusedRequestError, type RequestHead } from './request-head.ts';
import { readSocket, type SocketInput } from './socket-input.ts';

export type HandleRequest = (head: RequestHead, body: RequestBody) => Promise<HttpAnswer>;

export interface ConnectionDeadlines {
  /** How long a connection may be idle, before its first request and between two. */
  idleMs: number;
  /** How long a head may take from its first byte. */
  headMs: number;
  body: BodyDeadline;
}

/** Kestrel's, which the host leaves as they are. */
export const KESTREL_DEADLINES: ConnectionDeadlines = {
  idleMs: 130_000,
  headMs: 30_000,
  body: { graceMs: 5000, minBytesPerSecond: 240 },
};

/** A request as the diagnostics channel tells of it: its head has come, or its answer was handed over. */
export interface ServedRequest {
  readonly path: string;
  readonly stage: 'before' | 'answered';
}

export const SERVED_REQUESTS = 'functions-host.request';
const served = channel(SERVED_REQUESTS);
const publish = (request: ServedRequest): void => served.publish(request);

export interface Connection {
  /** Lets a request that is running be answered, and takes no further one. */
  close(): void;
}

/** One client, whose requests are answered one after the other, however many it sends at once. */
export function serveConnection(
  socket: Socket,
  { handle, deadlines }: { handle: HandleRequest; deadlines: ConnectionDeadlines },
): Connection {
  const input = readSocket(socket);
  let isIdle = true;
  let isClosing = false;

  // A client that has ended its side gets no answer any more: the host takes it for gone. What it asked for
  // is done all the same.
  socket.once('end', () => socket.destroy());
  socket.on('error', () => {});

  const send = (
    answer: HttpAnswer,
    as: Parameters<typeof serializeAnswer>[1],
    isSent: () => void = () => {},
  ): void => {
    if (!socket.writable) return;
    socket.write(serialize(answer, as), isSent);
  };
  const finish = (): void => {
    socket.end();
    // Meanwhile what still comes is read: otherwise the client would see a reset in place of the answer.
    setTimeout(() => socket.destroy(), 1000).unref();
  };

  const serveNext = async (): Promise<boolean> => {
    isIdle = true;
    const head = await readHead(input, deadlines, () => (isIdle = false));
    if (head === null) return false;
    const isHead = head.method === 'HEAD';
    const body = createRequestBody({
      kind: head.body,
      input,
      deadline: deadlines.body,
      sendContinue() {
        const isAsked = (head.headers.get('expect') ?? []).some((value) => /^100-continue$/i.test(value));
        if (isAsked && !head.isHttp10) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      },
    });
    const { path } = head;
    publish({ path, stage: 'before' });
    const answer = await handle(head, body).catch((): HttpAnswer => ({ status: 500 }));
    const closes = !head.keepsAlive || isClosing;
    send(answer, { isHttp10: head.isHttp10, isHead, closes }, () => publish({ path, stage: 'answered' }));
    return (await body.skip()) && !closes;
  };

  const serve = async (): Promise<void> => {
    try {
      while (await serveNext());
    } catch (error) {
      const status = error instanceof RefusedRequestError ? error.status : 500;
      send({ status }, { isHttp10: false, isHead: false, closes: true });
    }
    finish();
  };
  void serve();

  return {
    close() {
      isClosing = true;
      if (isIdle) finish();
    },
  };
}

/** Null when the connection has ended, or was idle for too long. */
async function readHead(
  input: SocketInput,
  { idleMs, headMs }: ConnectionDeadlines,
  begun: () => void,
): Promise<RequestHead | null> {
  if (input.buffered().length === 0 && (await input.more(idleMs)) !== 'bytes') return null;
  begun();
  const startedAtMs = performance.now();
  for (;;) {
    const end = findHeadEnd(input.buffered());
    if (end !== null) return parseRequestHead(input.take(end));
    const seen = await input.more(Math.max(0, startedAtMs + headMs - performance.now()));
    if (seen === 'timeout') throw new RefusedRequestError(408);
    if (seen === 'end') return null;
  }
}

/** An answer that cannot be written becomes a 500. */
function serialize(...[answer, as]: Parameters<typeof serializeAnswer>): Buffer {
  try {
    return serializeAnswer(answer, as);
  } catch {
    return serializeAnswer({ status: 500 }, as);
  }
}

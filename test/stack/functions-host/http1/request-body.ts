import type { RequestHead } from './request-head.ts';
import type { SocketInput } from './socket-input.ts';

export interface RequestBody {
  /** All of it; rejects with `BrokenBodyError`. */
  read(): Promise<Buffer>;
  /** Passes over what was not read; false where the connection is of no more use. */
  skip(): Promise<boolean>;
}

/** The body is too large, too slow, malformed, or ends too early. */
export class BrokenBodyError extends Error {}

export interface BodyDeadline {
  /** For so long a body may be as slow as it likes. */
  graceMs: number;
  minBytesPerSecond: number;
}

/** Kestrel's default, and the host's `maxRequestBodySize`. */
const MAX_BODY_BYTES = 104_857_600;
const MAX_CHUNK_LINE_BYTES = 4096;

export function createRequestBody({
  kind,
  input,
  deadline,
  sendContinue,
}: {
  kind: RequestHead['body'];
  input: SocketInput;
  deadline: BodyDeadline;
  /** Called when the body is wanted and has not come. */
  sendContinue: () => void;
}): RequestBody {
  let isRead = kind !== 'chunked' && kind.length === 0;
  let isBroken = false;
  let received = 0;
  let startedAtMs = 0;

  /** Waits for no longer than the sender's pace so far allows. */
  const more = async (): Promise<void> => {
    const allowedMs = Math.max(deadline.graceMs, (received / deadline.minBytesPerSecond) * 1000);
    const seen = await input.more(Math.max(0, startedAtMs + allowedMs - performance.now()));
    if (seen !== 'bytes') throw new BrokenBodyError(seen === 'end' ? 'the body ended early' : 'too slow');
  };
  const take = async (length: number, sink: (bytes: Buffer) => void): Promise<void> => {
    for (let left = length; left > 0;) {
      if (input.buffered().length === 0) await more();
      const bytes = input.take(Math.min(left, input.buffered().length));
      left -= bytes.length;
      received += bytes.length;
      if (received > MAX_BODY_BYTES) throw new BrokenBodyError('too large');
      sink(bytes);
    }
  };
  const takeLine = async (): Promise<string> => {
    for (;;) {
      const end = input.buffered().indexOf('\n');
      if (end !== -1)
        return input
          .take(end + 1)
          .toString('latin1')
          .trimEnd();
      if (input.buffered().length > MAX_CHUNK_LINE_BYTES) throw new BrokenBodyError('a line is too long');
      await more();
    }
  };
  const takeChunks = async (sink: (bytes: Buffer) => void): Promise<void> => {
    for (;;) {
      const [, size] = /^([0-9a-f]{1,8})[\t ]*(?:;.*)?$/i.exec(await takeLine()) ?? [];
      if (size === undefined) throw new BrokenBodyError('bad chunk size');
      const length = Number.parseInt(size, 16);
      if (length === 0) break;
      await take(length, sink);
      if ((await takeLine()) !== '') throw new BrokenBodyError('bad end of a chunk');
    }
    while ((await takeLine()) !== '');
  };
  const consume = async (sink: (bytes: Buffer) => void): Promise<void> => {
    startedAtMs = performance.now();
    try {
      if (kind === 'chunked') await takeChunks(sink);
      else if (kind.length > MAX_BODY_BYTES) throw new BrokenBodyError('too large');
      else await take(kind.length, sink);
      isRead = true;
    } catch (error) {
      isBroken = true;
      throw error;
    }
  };

  return {
    async read() {
      if (!isRead && input.buffered().length === 0) sendContinue();
      const chunks: Buffer[] = [];
      if (!isRead) await consume((bytes) => chunks.push(bytes));
      return Buffer.concat(chunks);
    },
    async skip() {
      if (isRead) return true;
      if (isBroken) return false;
      return consume(() => {}).then(
        () => true,
        () => false,
      );
    },
  };
}

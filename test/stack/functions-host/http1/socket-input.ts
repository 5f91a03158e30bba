import type { Socket } from 'node:net';

/** The bytes of a connection, taken when they are wanted. */
export interface SocketInput {
  /** What has come and was not taken. */
  buffered(): Buffer;
  /** Takes so many of the bytes that have come. */
  take(length: number): Buffer;
  /** Waits for more. */
  more(timeoutMs: number): Promise<'bytes' | 'end' | 'timeout'>;
}

/** Past this much that is not taken, the sender has to wait. */
const HIGH_WATER_BYTES = 1_048_576;

export function readSocket(socket: Socket): SocketInput {
  let bytes: Buffer = Buffer.alloc(0);
  let hasEnded = false;
  let wake: (() => void) | null = null;

  const end = (): void => {
    hasEnded = true;
    wake?.();
  };
  socket.on('data', (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    if (wake !== null) wake();
    else if (bytes.length > HIGH_WATER_BYTES) socket.pause();
  });
  socket.once('end', end).once('close', end);

  return {
    buffered: () => bytes,
    take(length) {
      const taken = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      return taken;
    },
    more(timeoutMs) {
      if (hasEnded) return Promise.resolve('end');
      if (socket.isPaused()) socket.resume();
      const before = bytes.length;
      return new Promise((resolve) => {
        const timer = setTimeout(() => wake?.(), timeoutMs);
        wake = () => {
          wake = null;
          clearTimeout(timer);
          if (bytes.length > before) resolve('bytes');
          else resolve(hasEnded ? 'end' : 'timeout');
        };
      });
    },
  };
}

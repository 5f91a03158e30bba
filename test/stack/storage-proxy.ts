import { Agent, request as httpRequest } from 'node:http';
import type { ReceivedRequest } from './received-request.ts';
import {
  startSimulatorServer,
  type JournalEntry,
  type Simulator,
  type SimulatorAnswer,
} from './simulator-server.ts';
import { storageOperation, type StorageOperation } from './storage-operation.ts';

export interface StorageProxy extends Omit<Simulator, 'origin' | 'port'> {
  /** To be used in place of the target's, account and all. */
  endpoint: string;
  /** What passed so far (or since the entry of this index), each with the operation it was. */
  operations(since?: number): (JournalEntry & StorageOperation)[];
}

/**
 * Stands before one endpoint of Azurite, counts what passes and takes faults. The path and every header go
 * through unchanged, since both are part of a shared-key signature (`Host` is not).
 */
export async function startStorageProxy(options: {
  target: string;
  port?: number;
  now?: () => number;
}): Promise<StorageProxy> {
  const target = new URL(options.target);
  const agent = new Agent({ keepAlive: true });

  const act = (request: ReceivedRequest, rawBody: Buffer): Promise<SimulatorAnswer> =>
    new Promise((resolve, reject) => {
      const { connection: _connection, 'transfer-encoding': _encoding, ...headers } = request.headers;
      const forwarded = httpRequest(
        {
          agent,
          host: target.hostname,
          port: target.port,
          method: request.method,
          path: request.path,
          headers: { ...headers, 'content-length': String(rawBody.length) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('error', reject);
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 502,
              headers: endToEnd(response.headers),
              body: Buffer.concat(chunks),
            });
          });
        },
      );
      forwarded.on('error', reject);
      forwarded.end(rawBody);
    });

  const { now, port } = options;
  const simulator = await startSimulatorServer({
    act,
    ...(now === undefined ? {} : { now }),
    ...(port === undefined ? {} : { port }),
  });
  const { origin, port: _port, ...rest } = simulator;
  return {
    ...rest,
    endpoint: `${origin}${target.pathname}`,
    operations: (since = 0) =>
      rest.journal.slice(since).map((entry) => Object.assign({}, entry, storageOperation(entry))),
    async stop() {
      await rest.stop();
      agent.destroy();
    },
  };
}

/** Everything but what belongs to the one connection (RFC 9110, section 7.6.1). */
function endToEnd(headers: NodeJS.Dict<string | string[]>): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (
      value !== undefined &&
      !['connection', 'keep-alive', 'transfer-encoding', 'content-length'].includes(name)
    )
      kept[name] = value;
  }
  return kept;
}

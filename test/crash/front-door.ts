import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { Asked } from './evidence.ts';
import { type Clients, exchange } from './clients.ts';
import type { Instances } from './instances.ts';

/** One address before all instances, for clients that repeat by themselves. */
export interface FrontDoor {
  readonly url: string;
  stop(): Promise<void>;
}

/** Names the rename that a request is for: its place in the list of all that is asked for. */
export const ASKED_HEADER = 'crash-asked';

/** Passes each request to a running instance, lists it, and loses the connection where the instance does. */
export async function openFrontDoor({
  instances,
  clients,
  asked,
}: {
  readonly instances: Pick<Instances, 'pick'>;
  readonly clients: Pick<Clients, 'list'>;
  readonly asked: readonly Asked[];
}): Promise<FrontDoor> {
  const server = createServer((request, response) => {
    pass(request, response).catch(() => request.socket.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the front door has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const one = asked[Number(headers[ASKED_HEADER])];
    if (one === undefined) throw new Error(`no client is known to send ${method} ${url}`);
    const body = await text(request);
    const app = await instances.pick();
    const { answer } = await clients.list(one, (traceparent) =>
      exchange(
        `${app.url}${url}`,
        method,
        {
          'content-type': headers['content-type'] ?? '',
          accept: headers.accept ?? '',
          'x-functions-key': app.functionKey,
          traceparent,
        },
        body,
      ),
    );
    if (answer === null) {
      request.socket.destroy();
      return;
    }
    const { 'transfer-encoding': _encoding, ...passed } = Object.fromEntries(answer.headers);
    response.writeHead(answer.status, passed).end(answer.text);
  }
}

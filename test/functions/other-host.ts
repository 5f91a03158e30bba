import { once } from 'node:events';
import { createServer } from 'node:http';

/** A host that the app must never call, although redirects and challenges name it. */
export interface OtherHost {
  url: string;
  /** Path and headers of each request that arrived, as JSON. */
  requests: string[];
  stop(): void;
}

export async function startOtherHost(): Promise<OtherHost> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(JSON.stringify([request.url, request.rawHeaders]));
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : '';
  return { url: `http://127.0.0.1:${port}`, requests, stop: () => void server.close() };
}

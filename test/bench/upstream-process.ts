import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

// A Custom Vision that needs almost no CPU: it keeps each iteration's name, and when it was given, and answers after the delay that
// was last set (PUT /delay/{ms}). A process of its own, so that its CPU is not counted as a participant's.

const iterations = new Map<string, { name: string; lastModified: string }>();
const NEVER_RENAMED = { name: 'Iteration 1', lastModified: '2026-01-24T09:30:00.000Z' };
const counts = { GET: 0, PATCH: 0 };
/** A project has at most 20. */
const listed = Array.from({ length: 20 }, () => randomUUID());
let delayMs = 0;

const server = createServer((request, response) => {
  const { method = '', url = '' } = request;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (method === 'PUT') {
      delayMs = Number(url.split('/').at(-1));
      response.end();
    } else if (url === '/counts') {
      response.end(JSON.stringify(counts));
    } else if (delayMs === 0) {
      answer();
    } else {
      setTimeout(answer, delayMs);
    }
  });

  function answer(): void {
    const [, , , , , projectId = '', , id] = url.split('/');
    if (method === 'PATCH' && id !== undefined) {
      counts.PATCH += 1;
      const body: { name: string } = JSON.parse(Buffer.concat(chunks).toString());
      iterations.set(id, { name: body.name, lastModified: new Date().toISOString() });
    } else {
      counts.GET += 1;
    }
    const found =
      id === undefined ? listed.map((one) => iterationOf(projectId, one)) : iterationOf(projectId, id);
    const text = JSON.stringify(found);
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
  }
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});

function iterationOf(projectId: string, id: string): object {
  const { name, lastModified } = iterations.get(id) ?? NEVER_RENAMED;
  return {
    id,
    name,
    status: 'Completed',
    created: '2026-01-20T08:12:31.203Z',
    lastModified,
    trainedAt: '2026-01-20T08:31:04.117Z',
    projectId,
    exportable: false,
    domainId: 'ee85a74c-405e-4adc-bb47-ffa8ca0c9f31',
    trainingType: 'Regular',
    reservedBudgetInHours: 0,
    publishName: null,
  };
}

import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('host.json sets every concurrency limit, and leaves none to the defaults of the platform', async () => {
  const host: unknown = JSON.parse(await readFile(new URL('../host.json', import.meta.url), 'utf8'));
  expect(host).toMatchObject({
    functionTimeout: '00:05:00',
    extensions: {
      http: {
        maxConcurrentRequests: expect.any(Number),
        maxOutstandingRequests: expect.any(Number),
        dynamicThrottlesEnabled: false,
      },
      queues: { batchSize: expect.any(Number), newBatchThreshold: expect.any(Number), maxDequeueCount: 5 },
    },
  });
});

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readmeBlock } from '../readme-block.ts';
import { post, SECRETS, SIGN, startWebhookProxy, type WebhookProxy } from '../webhooks/webhook-proxy.ts';

const MAX_ATTEMPTS = 5;

let proxy: WebhookProxy;
beforeAll(async () => {
  const rename = readmeBlock('jsonata', 'github');
  proxy = await startWebhookProxy({
    settings: {
      WEBHOOK_SOURCES: JSON.stringify({ github: { scheme: 'github', secret: 'github-secret', rename } }),
    },
  });
});
afterAll(() => proxy.stop());

/** As GitHub writes one: about 1.35 KB. */
const ASSET = {
  url: 'https://api.github.com/repos/acme/line-3/releases/assets/100000001',
  name: 'model.onnx',
  label: null,
  uploader: {
    login: 'release-bot',
    id: 1,
    html_url: 'https://github.com/release-bot',
    note: 'x'.repeat(1000),
  },
  browser_download_url: 'https://github.com/acme/line-3/releases/download/v4.1/model.onnx',
};

/** Writes the body of a delivery; each call of the result sends it as a new one. */
function delivery(release: object): () => ReturnType<typeof post> {
  const body = JSON.stringify({ action: 'published', release });
  return () => {
    const signed = SIGN.github({ body, secret: SECRETS.github, id: randomUUID() });
    return post(proxy.app, '/webhooks/github', body, { 'x-github-event': 'release', ...signed });
  };
}

it.each([
  { case: '1,000 assets', more: { assets: Array.from({ length: 1000 }, () => ASSET) }, notes: '' },
  { case: 'long notes', more: {}, notes: 'n'.repeat(308_000) },
  { case: 'almost 4 MiB', more: { assets: ['x'.repeat(4_190_000)] }, notes: '' },
])('a GitHub release with $case renames', async ({ more, notes }) => {
  const iteration = proxy.seed();
  const note = `custom-vision: ${iteration.projectId}/${iteration.iterationId}`;
  const answer = await delivery({ tag_name: 'v4.1', body: `${notes}\r\n${note}`, ...more })();
  expect(answer).toMatchObject({ status: 202 });
  expect(await proxy.ended(iteration, answer.renameId)).toMatchObject({ status: 'succeeded' });
});

it('more than 4 MiB is too large', async () => {
  expect(await delivery({ body: 'x'.repeat(4 * 1024 * 1024) })()).toMatchObject({ status: 413 });
});

it('holds a bounded memory for many at once', async () => {
  const deliver = delivery({ body: 'x'.repeat(4_100_000) });
  for (let round = 0; round < 3; round += 1) await flood(deliver);
  const peak = await flood(deliver);
  expect(peak).toBeLessThan(1024);
}, 120_000);

/** Sends many at once, and tells the most memory that the app ever took. */
async function flood(deliver: ReturnType<typeof delivery>): Promise<number> {
  const large = Array.from({ length: 16 }, async () => {
    // A sender repeats a 503, which a busy machine may cause.
    for (let attempt = 1; ; attempt += 1) {
      const answer = await deliver();
      if (answer.status !== 503 || attempt === MAX_ATTEMPTS) return answer;
    }
  });
  for (const answer of await Promise.all(large)) expect(answer).toMatchObject({ status: 204 });
  return peakMib();
}

/** The most that the process held at any time. */
async function peakMib(): Promise<number> {
  const status = await readFile(`/proc/${proxy.app.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { post, SECRETS, startWebhookProxy, type WebhookProxy } from './webhook-proxy.ts';
import { signGithub } from './sign.ts';

let proxy: WebhookProxy;

beforeAll(async () => {
  proxy = await startWebhookProxy();
});
afterAll(() => proxy.stop());

describe.each(['standard', 'github', 'mlflow'] as const)('a delivery of the source %s', (source) => {
  it('is promised at once, and the iteration renamed', async () => {
    const iteration = proxy.seed();
    const { projectId, iterationId } = iteration;
    const answer = await proxy.deliver({ source, body: { projectId, iterationId, name: `by ${source} ✓` } });
    expect(answer).toMatchObject({ status: 202 });
    expect(JSON.parse(answer.text)).toEqual({
      renameId: answer.renameId,
      location: `/projects/${projectId}/renames/${answer.renameId}`,
    });
    expect(await proxy.ended(iteration, answer.renameId)).toMatchObject({
      status: 'succeeded',
      trigger: 'webhook',
      callerId: `webhook:${source}`,
      requestedName: `by ${source} ✓`,
      previousName: 'Iteration 1',
    });
    expect(proxy.stack.customVision.iteration(projectId, iterationId)?.name).toBe(`by ${source} ✓`);
  });
});

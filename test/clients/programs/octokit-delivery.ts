import { randomUUID } from 'node:crypto';
import { sign } from '@octokit/webhooks-methods';
import { target } from './target.ts';

const { url, secret, projectId, iterationId, name } = target();
const body = JSON.stringify({ projectId, iterationId, name });
const answer = await fetch(`${url}/webhooks/github`, {
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': await sign(secret, body),
  },
  body,
});
console.log(answer.status);

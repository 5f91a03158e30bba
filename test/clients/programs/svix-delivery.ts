import { Webhook } from 'svix';
import { target } from './target.ts';

const { url, secret, projectId, iterationId, name } = target();
const body = JSON.stringify({ projectId, iterationId, name });
const [id, now] = [`msg_${iterationId}`, new Date()];
const answer = await fetch(`${url}/webhooks/standard`, {
  method: 'POST',
  headers: {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': String(Math.floor(now.getTime() / 1000)),
    'svix-signature': new Webhook(secret).sign(id, now, body),
  },
  body,
});
console.log(answer.status);

import { createHmac } from 'node:crypto';

/** Signs a delivery as each kind of sender does, without the libraries that the app verifies with. */
export interface SignedHeaders {
  body: string;
  secret: string;
  id: string;
  atMs: number;
}

export function signStandardWebhook({ body, secret, id, atMs }: SignedHeaders): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

export function signMlflow({ body, secret, id, atMs }: SignedHeaders): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1000));
  const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'x-mlflow-delivery-id': id,
    'x-mlflow-timestamp': timestamp,
    'x-mlflow-signature': `v1,${signature}`,
  };
}

export function signGithub({ body, secret, id }: Omit<SignedHeaders, 'atMs'>): Record<string, string> {
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return { 'x-github-delivery': id, 'x-hub-signature-256': `sha256=${signature}` };
}

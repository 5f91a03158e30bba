import { HttpRequest } from '@azure/functions';
import { expect, it } from 'vitest';
import { readBody } from '../../src/http/read-body.ts';

const requestOf = (body: string, headers: Record<string, string> = {}) =>
  new HttpRequest({ method: 'PATCH', url: 'http://a.example/', headers, body: { bytes: Buffer.from(body) } });

it('gives the bytes of a body up to the limit, and refuses one more', async () => {
  expect(Buffer.from(await readBody(requestOf('é234'), 5)).toString()).toBe('é234');
  await expect(readBody(requestOf('é2345'), 5)).rejects.toMatchObject({ code: 'body_too_large' });
});

it.each(['chunked', 'gzip, chunked', 'identity', ''])(
  'refuses a body that came in another way than by its length: "%s"',
  async (coding) => {
    const request = requestOf('', { 'transfer-encoding': coding });
    await expect(readBody(request, 5)).rejects.toMatchObject({ code: 'length_required' });
  },
);

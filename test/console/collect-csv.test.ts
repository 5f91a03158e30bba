import { expect, it } from 'vitest';
import type { ApiAnswer } from '../../src/console/api-answer.ts';
import { collectCsv } from '../../src/console/collect-csv.ts';

const page = (body: string, next?: string): ApiAnswer => ({
  status: 200,
  headers: new Headers(next === undefined ? {} : { link: `<?limit=1&continuation=${next}>; rel="next"` }),
  body,
  url: 'http://127.0.0.1/prefix/projects/p/renames?limit=1',
});

it('joins every page under one line of headings, and begins with a byte order mark', async () => {
  const pages = [
    page('\uFEFFid,name\r\n1,a\r\n', 't2'),
    page('id,name\r\n2,"b\r\nb"\r\n', 't3'),
    page('id,name\r\n3,c\r\n'),
  ];
  const asked: (string | null)[] = [];
  const text = await collectCsv(
    (continuation) => {
      asked.push(continuation);
      const next = pages.shift();
      return next === undefined ? Promise.reject(new Error('no such page')) : Promise.resolve(next);
    },
    () => {},
  );
  expect(text).toBe('\uFEFFid,name\r\n1,a\r\n2,"b\r\nb"\r\n3,c\r\n');
  expect(asked).toEqual([null, 't2', 't3']);
});

import { expect, it } from 'vitest';
import { storageStepOf } from './far-end-steps.ts';
import { partsOfTransaction } from './table-transaction.ts';

/** As `@azure/data-tables` writes it. */
const COMPLETE = [
  '--batch_1',
  'content-type: multipart/mixed; boundary=changeset_1',
  '',
  '',
  '--changeset_1',
  'content-type: application/http',
  'content-transfer-encoding: binary',
  '',
  "PATCH http://127.0.0.1:1/account/renames(PartitionKey='p',RowKey='rename%7Cr1') HTTP/1.1",
  'Content-Type: application/json',
  'If-Match: *',
  '',
  '',
  '{"PartitionKey":"p","RowKey":"rename|r1","status":"succeeded"}',
  '--changeset_1',
  'content-type: application/http',
  'content-transfer-encoding: binary',
  '',
  "DELETE http://127.0.0.1:1/account/renames(PartitionKey='p',RowKey='lock%7Ci1') HTTP/1.1",
  'If-Match: *',
  '',
  '',
  '--changeset_1--',
  '--batch_1--',
  '',
].join('\r\n');

it('reads what a transaction changes, in its order', () => {
  expect(partsOfTransaction(COMPLETE)).toEqual([
    {
      method: 'PATCH',
      rowKey: 'rename|r1',
      properties: { PartitionKey: 'p', RowKey: 'rename|r1', status: 'succeeded' },
    },
    { method: 'DELETE', rowKey: 'lock|i1', properties: {} },
  ]);
});

it.each([
  { step: 'complete', method: 'DELETE' },
  { step: 'renewLease', method: 'PATCH' },
  { step: 'begin', method: 'POST' },
])('takes a $method of the lock for $step', ({ step, method }) => {
  const body = COMPLETE.replace('DELETE http', `${method} http`);
  expect(storageStepOf({ method: 'POST', path: '/account/$batch', headers: {}, body })).toBe(step);
});

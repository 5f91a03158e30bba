import { storageOperation } from '../stack/storage-operation.ts';
import type { ReceivedRequest } from '../stack/received-request.ts';
import { partsOfTransaction } from './table-transaction.ts';

/** The app's requests, as the far ends see them. */
export type FarEndStep =
  | 'begin'
  | 'complete'
  | 'renewLease'
  | 'accept'
  | 'end unbegun'
  | 'forget'
  | 'read'
  | 'touch'
  | 'enqueue'
  | 'dequeue'
  | 'message deletion'
  | 'GET'
  | 'PATCH';

/** The step that a storage request belongs to; null for requests of no rename. */
export function storageStepOf(request: ReceivedRequest): FarEndStep | null {
  const { operation, rowKeys } = storageOperation(request);
  if (operation === 'batch') return transactionStepOf(request.body);
  if (operation === 'get') return rowKeys[0]?.startsWith('rename|') === true ? 'read' : null;
  if (operation === 'delete') return rowKeys[0]?.startsWith('idempotency|') === true ? 'forget' : null;
  if (operation === 'merge') return rowKeys[0]?.startsWith('accepted|') === true ? 'touch' : null;
  if (operation === 'delete-message') return 'message deletion';
  return operation === 'enqueue' || operation === 'dequeue' ? operation : null;
}

export function upstreamStepOf({ method, path }: ReceivedRequest): FarEndStep | null {
  return path.startsWith('/customvision/') && (method === 'GET' || method === 'PATCH') ? method : null;
}

function transactionStepOf(body: string): FarEndStep | null {
  const parts = partsOfTransaction(body);
  const lock = parts.find(({ rowKey }) => rowKey.startsWith('lock|'));
  if (lock?.method === 'DELETE') return 'complete';
  if (lock !== undefined) return lock.method === 'POST' ? 'begin' : 'renewLease';
  const accepted = parts.find(({ rowKey }) => rowKey.startsWith('accepted|'));
  if (accepted === undefined) return null;
  return accepted.method === 'DELETE' ? 'end unbegun' : 'accept';
}

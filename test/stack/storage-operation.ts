import type { ReceivedRequest } from './received-request.ts';

export interface StorageOperation {
  operation:
    | 'create-table'
    | 'batch'
    | 'insert'
    | 'get'
    | 'query'
    | 'replace'
    | 'merge'
    | 'delete'
    | 'create-queue'
    | 'enqueue'
    | 'dequeue'
    | 'peek'
    | 'update-message'
    | 'delete-message'
    | 'other';
  /** The table or queue. */
  of: string | null;
  /** The row keys that a table operation names, as far as its path and body tell. */
  rowKeys: string[];
}

/** What a request to the Table or Queue service does, read from its method and path. */
export function storageOperation({
  method,
  path,
  body,
}: Pick<ReceivedRequest, 'method' | 'path' | 'body'>): StorageOperation {
  const { pathname, searchParams } = new URL(path, 'http://127.0.0.1');
  const [, , resource = '', ...rest] = decodeURIComponent(pathname).split('/');
  if (resource === '$batch') {
    const keys = rowKeys(body);
    return {
      operation: 'batch',
      of: /\/([A-Za-z][A-Za-z0-9]+)(?:\(|\s)/.exec(bodyTarget(body))?.[1] ?? null,
      rowKeys: keys,
    };
  }
  if (resource === 'Tables')
    return { operation: method === 'POST' ? 'create-table' : 'other', of: null, rowKeys: [] };
  const entity = /^([A-Za-z][A-Za-z0-9]+)(\(.*\))?$/.exec(resource);
  if (rest[0] === 'messages') {
    return {
      operation: messageOperation(method, rest[1] !== undefined, searchParams.get('peekonly') === 'true'),
      of: resource,
      rowKeys: [],
    };
  }
  if (entity !== null && /\(.*\)$/.test(resource)) {
    const keyed = entity[2] !== '()';
    return { operation: entityOperation(method, keyed), of: entity[1] ?? null, rowKeys: rowKeys(resource) };
  }
  if (entity !== null && method === 'POST')
    return { operation: 'insert', of: resource, rowKeys: rowKeys(body) };
  if (method === 'PUT') return { operation: 'create-queue', of: resource, rowKeys: [] };
  return { operation: 'other', of: resource === '' ? null : resource, rowKeys: [] };
}

function bodyTarget(body: string): string {
  return /^(?:POST|PUT|PATCH|MERGE|DELETE|GET) (\S+ )/m.exec(body)?.[1] ?? '';
}

function messageOperation(method: string, named: boolean, peek: boolean): StorageOperation['operation'] {
  if (named) return method === 'DELETE' ? 'delete-message' : 'update-message';
  if (method === 'POST') return 'enqueue';
  if (method === 'DELETE') return 'other';
  return peek ? 'peek' : 'dequeue';
}

function entityOperation(method: string, keyed: boolean): StorageOperation['operation'] {
  switch (method) {
    case 'GET':
      return keyed ? 'get' : 'query';
    case 'PUT':
      return 'replace';
    case 'PATCH':
    case 'MERGE':
      return 'merge';
    case 'DELETE':
      return 'delete';
    default:
      return 'other';
  }
}

function rowKeys(text: string): string[] {
  const found = new Set<string>();
  for (const [, key] of text.matchAll(/RowKey=(?:'|%27)(.*?)(?:'|%27)\)/g))
    if (key !== undefined) found.add(decodeURIComponent(key));
  for (const [, key] of text.matchAll(/"RowKey":\s*"((?:[^"\\]|\\.)*)"/g))
    if (key !== undefined) found.add(String(JSON.parse(`"${key}"`)));
  return [...found];
}

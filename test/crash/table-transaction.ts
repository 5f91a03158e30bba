/** One change of a table transaction. */
export interface TransactionPart {
  readonly method: string;
  readonly rowKey: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Reads the body of a `$batch` request. */
export function partsOfTransaction(body: string): TransactionPart[] {
  return body.split(/^--changeset_/m).flatMap((part) => {
    const [, method, target] = /^(POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP/m.exec(part) ?? [];
    if (method === undefined || target === undefined) return [];
    const json = /^\{.*\}/m.exec(part)?.[0];
    const properties: Record<string, unknown> = json === undefined ? {} : JSON.parse(json);
    const inTarget = /RowKey='([^']*)'/.exec(decodeURIComponent(target))?.[1];
    return [{ method, rowKey: inTarget ?? String(properties['RowKey']), properties }];
  });
}

import { parseRequestTarget } from './request-target.ts';

/** What stands before the body of a request. */
export interface RequestHead {
  readonly method: string;
  /** Decoded, as the host routes it. */
  readonly path: string;
  /** Escaped again, as the host hands it to the app. */
  readonly escapedPath: string;
  /** With its question mark; empty when there is none. */
  readonly search: string;
  readonly isHttp10: boolean;
  readonly host: string;
  /** By name in lower case; the values in their order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** What comes after the head: so many bytes, or chunks. */
  readonly body: { readonly length: number } | 'chunked';
  readonly keepsAlive: boolean;
}

/**
 * A request that never gets as far as the host: Kestrel answers with this status, an empty body, and closes.
 */
export class RefusedRequestError extends Error {
  readonly status: number;
  constructor(status: number) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

const MAX_LINE_BYTES = 8192;
const MAX_HEADERS_BYTES = 32_768;
const MAX_HEADERS = 100;
const LF = 0x0a;
const CR = 0x0d;
/** The first byte of somebody who speaks TLS. */
const TLS_HANDSHAKE = 0x16;

/** The length of the head, with the empty line that ends it; null while it has not come whole. */
export function findHeadEnd(bytes: Buffer): number | null {
  if (bytes[0] === TLS_HANDSHAKE) throw new RefusedRequestError(400);
  const start = headStart(bytes);
  const lineEnd = bytes.indexOf(LF, start);
  if ((lineEnd === -1 ? bytes.length : lineEnd + 1) - start > MAX_LINE_BYTES)
    throw new RefusedRequestError(414);
  if (lineEnd === -1) return null;
  parseRequestLine(bytes.toString('latin1', start, lineEnd));
  for (let from = lineEnd + 1; ;) {
    const end = bytes.indexOf(LF, from);
    if ((end === -1 ? bytes.length : end) - lineEnd > MAX_HEADERS_BYTES) throw new RefusedRequestError(431);
    if (end === -1) return null;
    if (end === from || (end === from + 1 && bytes[from] === CR)) return end + 1;
    from = end + 1;
  }
}

/** The head of exactly these bytes; throws `RefusedRequestError` where Kestrel refuses it. */
export function parseRequestHead(bytes: Buffer): RequestHead {
  const [requestLine = '', ...lines] = bytes.toString('latin1', headStart(bytes)).split('\n').slice(0, -2);
  const { method, target, isHttp10 } = parseRequestLine(requestLine);
  const headers = parseHeaders(lines);
  const host = parseHost(headers, isHttp10);
  const parsed = parseRequestTarget({ method, target });
  if (parsed === null) throw new RefusedRequestError(405);
  if (parsed.authority !== null && parsed.authority !== host) throw new RefusedRequestError(400);
  const { path, escapedPath, search } = parsed;
  if (path.includes('\0')) throw new RefusedRequestError(400);
  const body = parseBodyKind({ method, headers, isHttp10 });
  const isBoth = body === 'chunked' && headers.delete('content-length');
  const isClosing = (headers.get('connection') ?? []).some((value) => /\bclose\b/i.test(value));
  return {
    method,
    path,
    escapedPath,
    search,
    isHttp10,
    host,
    headers,
    body,
    keepsAlive: !isHttp10 && !isClosing && !isBoth,
  };
}

/** Empty lines before a request are passed over. */
function headStart(bytes: Buffer): number {
  let start = 0;
  while (bytes[start] === CR || bytes[start] === LF) start += 1;
  return start;
}

function parseRequestLine(line: string): { method: string; target: string; isHttp10: boolean } {
  const [, method, target, version] =
    /^([\w!#$%&'*+.^`|~-]+) ([\x21-\x7e]+) HTTP\/(\d\.\d)\r?$/.exec(line) ?? [];
  if (method === undefined || target === undefined) throw new RefusedRequestError(400);
  if (version !== '1.1' && version !== '1.0') throw new RefusedRequestError(505);
  return { method, target, isHttp10: version === '1.0' };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseHeaders(lines: string[]): Map<string, string[]> {
  if (lines.length > MAX_HEADERS) throw new RefusedRequestError(431);
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const [, name, raw] = /^([\w!#$%&'*+.^`|~-]+):([^\0\r]*)\r?$/.exec(line) ?? [];
    if (name === undefined || raw === undefined) throw new RefusedRequestError(400);
    const values = headers.get(name.toLowerCase());
    if (values === undefined) headers.set(name.toLowerCase(), [decodeValue(raw)]);
    else values.push(decodeValue(raw));
  }
  return headers;
}

function decodeValue(raw: string): string {
  const value = trimBlanks(raw);
  if (/^[\0-\x7f]*$/.test(value)) return value;
  try {
    return utf8.decode(Buffer.from(value, 'latin1'));
  } catch {
    throw new RefusedRequestError(400);
  }
}

/** Spaces and tabs only: `trim` would take the last byte of a character for a blank. */
function trimBlanks(text: string): string {
  const isBlank = (index: number): boolean => text[index] === ' ' || text[index] === '\t';
  let [start, end] = [0, text.length];
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

function parseHost(headers: Map<string, string[]>, isHttp10: boolean): string {
  const hosts = headers.get('host') ?? [];
  if (hosts.length > 1 || (hosts.length === 0 && !isHttp10)) throw new RefusedRequestError(400);
  const [host = ''] = hosts;
  if (!/^[\w.\-~!$&'()*+,;=%:[\]]*$/.test(host)) throw new RefusedRequestError(400);
  return host;
}

function parseBodyKind({
  method,
  headers,
  isHttp10,
}: {
  method: string;
  headers: Map<string, string[]>;
  isHttp10: boolean;
}): RequestHead['body'] {
  const codings = headers.get('transfer-encoding');
  if (codings !== undefined) {
    if (!/(?:^|,)\s*chunked$/i.test(codings.join(','))) throw new RefusedRequestError(400);
    return 'chunked';
  }
  const lengths = headers.get('content-length');
  if (lengths === undefined) {
    if (isHttp10 && /^(?:POST|PUT)$/.test(method)) throw new RefusedRequestError(400);
    return { length: 0 };
  }
  const [length = ''] = lengths;
  if (lengths.length > 1 || !/^\d{1,18}$/.test(length)) throw new RefusedRequestError(400);
  return { length: Number(length) };
}

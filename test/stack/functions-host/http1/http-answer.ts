import { STATUS_CODES } from 'node:http';

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer;
}

/** What the host writes itself, whatever the app says. */
const OWN_HEADERS = new Set(['connection', 'content-length', 'date', 'server', 'transfer-encoding']);

/** An answer's bytes as Kestrel writes them: a body goes out in chunks, and without a length. */
export function serializeAnswer(
  answer: HttpAnswer,
  { isHttp10, isHead, closes }: { isHttp10: boolean; isHead: boolean; closes: boolean },
): Buffer {
  const { status, headers = {}, body = Buffer.alloc(0) } = answer;
  const mayHaveBody = status !== 204 && status !== 304;
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`];
  if (mayHaveBody && body.length === 0) lines.push('Content-Length: 0');
  if (closes) lines.push('Connection: close');
  for (const [name, value] of Object.entries(headers)) {
    if (OWN_HEADERS.has(name.toLowerCase())) continue;
    for (const one of typeof value === 'string' ? [value] : value) lines.push(`${name}: ${headerValue(one)}`);
  }
  lines.push(`Date: ${new Date().toUTCString()}`, 'Server: Kestrel');
  const hasBody = mayHaveBody && body.length > 0 && !isHead;
  const isChunked = hasBody && !isHttp10;
  if (isChunked) lines.push('Transfer-Encoding: chunked');
  const head = `${lines.join('\r\n')}\r\n\r\n`;
  if (!hasBody) return Buffer.from(head, 'latin1');
  return isChunked
    ? Buffer.concat([
        Buffer.from(`${head}${body.length.toString(16)}\r\n`, 'latin1'),
        body,
        Buffer.from('\r\n0\r\n\r\n', 'latin1'),
      ])
    : Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

function headerValue(value: string): string {
  if (/[^\t\x20-\x7e]/.test(value)) throw new Error('a header value has a character that Kestrel refuses');
  return value;
}

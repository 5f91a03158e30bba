export interface RequestTarget {
  path: string;
  escapedPath: string;
  search: string;
  /** Where the target names one (`GET http://host/path`). */
  authority: string | null;
}

/** A request's target as Kestrel reads it; null where the method does not go with such a one. */
export function parseRequestTarget({
  method,
  target,
}: {
  method: string;
  target: string;
}): RequestTarget | null {
  if (method === 'CONNECT' || (method === 'OPTIONS' && target === '*'))
    return { path: '', escapedPath: '', search: '', authority: null };
  const [, authority = null, rawPath, search = ''] =
    /^(?:https?:\/\/([^/?]*))?((?:\/[^?]*)?)(\?.*)?$/i.exec(target) ?? [];
  if (rawPath === undefined || (authority === null && rawPath === '')) return null;
  const path = removeDotSegments(decodePath(rawPath === '' ? '/' : rawPath));
  return { path, escapedPath: escapePath(path), search, authority };
}

/**
 * Decodes what is valid UTF-8, and leaves an encoded slash and all else as it stands: `%zz`, `%ff`, a
 * backslash.
 */
function decodePath(path: string): string {
  return path.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) => {
    const bytes = Buffer.from(run.replaceAll('%', ''), 'hex');
    let decoded = '';
    for (let index = 0; index < bytes.length;) {
      const length = sequenceLength(bytes[index] ?? 0);
      const text = length === 0 ? null : decodeSequence(bytes.subarray(index, index + length));
      decoded += text ?? run.slice(index * 3, index * 3 + 3);
      index += text === null ? 1 : length;
    }
    return decoded;
  });
}

/** Of a character by its first byte in UTF-8; zero where none begins with it, or is to be left. */
function sequenceLength(byte: number): number {
  if (byte === 0x2f) return 0;
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte < 0xe0) return 2;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  return byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeSequence(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

function removeDotSegments(path: string): string {
  if (!/\/\.{1,2}(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  const segments = path.slice(1).split('/');
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '..' && segment !== '.') kept.push(segment);
    else if (isLast) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/** As ASP.NET writes a path: a percent sign that begins no escape becomes `%25`. */
function escapePath(path: string): string {
  return path.replaceAll(/%(?![0-9a-f]{2})|[^\w.~!$&'()*+,;=:@/%-]+/gi, encodeURIComponent);
}

const QUOTED = /^"(.*)"$/s;
const ESCAPED_BYTES = /(?:%[0-9a-f]{2})+/gi;

/**
 * Decodes an attribute in a header: CloudEvents HTTP protocol binding, section 3.1.3.2. What is no escape
 * stays as it is.
 */
export function decodeHeaderValue(value: string): string {
  const quoted = QUOTED.exec(value)?.[1];
  const unquoted = quoted === undefined ? value : quoted.replaceAll(/\\(.)/gs, '$1');
  return unquoted.replaceAll(ESCAPED_BYTES, (bytes) => {
    try {
      return decodeURIComponent(bytes);
    } catch {
      return bytes;
    }
  });
}

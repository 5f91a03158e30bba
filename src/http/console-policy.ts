/**
 * The Content-Security-Policy of the console page: it runs and shows what the build put into it, and speaks to
 * this app and to the authority that signs people in; the page is no part of another page.
 */
export function consolePolicy({
  scriptHashes,
  styleHashes,
  authority,
}: {
  readonly scriptHashes: readonly string[];
  readonly styleHashes: readonly string[];
  /** The origin that signs people in; null where they show a key. */
  readonly authority: string | null;
}): string {
  return [
    "default-src 'none'",
    `script-src ${sourcesOf(scriptHashes)}`,
    `style-src ${sourcesOf(styleHashes)}`,
    `connect-src 'self'${authority === null ? '' : ` ${authority}`}`,
    'img-src data:', // its icon
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function sourcesOf(hashes: readonly string[]): string {
  return hashes.length === 0 ? "'none'" : hashes.map((hash) => `'${hash}'`).join(' ');
}

import { isLoopback } from '../outbound/loopback.ts';

/** What is wrong with a storage account's connection string, or null where nothing is: the SDK's own errors say neither. */
export function connectionStringFault(text: string): string | null {
  const parts = new Map(
    text.split(';').map((part) => {
      const [name = '', ...value] = part.split('='); // a value may have `=` at its end
      return [name.trim().toLowerCase(), value.join('=').trim()];
    }),
  );
  const has = (name: string) => (parts.get(name) ?? '') !== '';
  if (parts.get('usedevelopmentstorage') === 'true') return null;

  const isShared = has('tableendpoint') && has('sharedaccesssignature');
  if (!isShared && !(has('accountname') && has('accountkey'))) {
    return 'must be a connection string: an AccountName and AccountKey, or a TableEndpoint and SharedAccessSignature';
  }
  const endpoint =
    parts.get('tableendpoint') ?? `${parts.get('defaultendpointsprotocol') ?? 'https'}://account`;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : null;
  if (url === null) return 'must be a connection string whose TableEndpoint is a URI';
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
    ? null
    : 'must be a connection string with https, or on loopback';
}

import { isHttpsOrLoopback } from '../outbound/loopback.ts';

/**
 * The fault of a storage account's connection string; null where it has none. The SDK's own errors do not
 * say.
 */
export function connectionStringFault(text: string): string | null {
  const parts = new Map(
    text.split(';').map((part) => {
      const [name = '', ...value] = part.split('='); // a value may end with `=`
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
  const url = URL.parse(endpoint);
  if (url === null) return 'must be a connection string whose TableEndpoint is a URI';
  return isHttpsOrLoopback(url) ? null : 'must be a connection string with https, or on loopback';
}

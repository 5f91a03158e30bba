import { secretNameFault } from './secret-name.ts';
import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { Settings, WebhookSource } from './settings.ts';

type ParsedSource = NonNullable<ParsedSettings['WEBHOOK_SOURCES']>[string];

const FORMAT = ['header', 'algorithm', 'encoding', 'prefix'] as const;

export function toWebhookSources(
  { WEBHOOK_SOURCES = {} }: ParsedSettings,
  fault: AddFault,
): Settings['webhookSources'] {
  const sources = new Map<string, WebhookSource>();
  for (const [givenName, source] of Object.entries(WEBHOOK_SOURCES)) {
    const name = givenName.toLowerCase();
    const complain = (message: string) => fault('WEBHOOK_SOURCES', `/${givenName}${message}`);
    if (sources.has(name)) complain(' must not differ from another name in case only');
    sources.set(name, toWebhookSource(source, complain));
  }
  return sources;
}

function toWebhookSource(source: ParsedSource, fault: (message: string) => void): WebhookSource {
  const { scheme, secret, rename } = source;
  const misplaced = scheme === 'hmac' ? [] : FORMAT.filter((property) => source[property] !== undefined);
  for (const property of misplaced) fault(` must not have ${property}: it belongs to the scheme hmac`);
  const nameFault = secret === undefined ? null : secretNameFault(secret);
  if (nameFault !== null) fault(`/secret ${nameFault}`);
  if (scheme === 'cloud-events' || scheme === 'json') {
    if (secret !== undefined) fault(' must not have a secret: its sender authenticates as a caller');
    return { scheme, secret: null, rename };
  }
  if (secret === undefined) fault(' must have a secret');
  const signed = { secret: secret ?? '', rename };
  if (scheme !== 'hmac') return { scheme, ...signed };
  const { header = '', algorithm = 'sha256', encoding = 'hex', prefix = '' } = source;
  if (header === '') fault(' must have a header: the one with the signature');
  return { scheme, ...signed, format: { header, algorithm, encoding, prefix } };
}

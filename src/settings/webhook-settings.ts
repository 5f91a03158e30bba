import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { Settings, WebhookSource } from './settings.ts';

type ParsedSource = NonNullable<ParsedSettings['WEBHOOK_SOURCES']>[string];

const FORMAT = ['header', 'algorithm', 'encoding', 'prefix', 'deliveryIdHeader'] as const;

export function toWebhookSources(
  { WEBHOOK_SOURCES = {} }: ParsedSettings,
  fault: AddFault,
): Settings['webhookSources'] {
  const sources = new Map<string, WebhookSource>();
  for (const [name, source] of Object.entries(WEBHOOK_SOURCES)) {
    sources.set(
      name,
      toWebhookSource(source, (message) => fault('WEBHOOK_SOURCES', `/${name} ${message}`)),
    );
  }
  return sources;
}

function toWebhookSource(source: ParsedSource, fault: (message: string) => void): WebhookSource {
  const { scheme, secret, rename } = source;
  const misplaced = scheme === 'hmac' ? [] : FORMAT.filter((property) => source[property] !== undefined);
  for (const property of misplaced) fault(`must not have ${property}: it belongs to the scheme hmac`);
  if (scheme === 'cloud-events' || scheme === 'json') {
    if (secret !== undefined) fault('must not have a secret: its sender authenticates as a caller');
    return { scheme, secret: null, rename };
  }
  if (secret === undefined) fault('must have a secret');
  const signed = { secret: secret ?? '', rename };
  if (scheme !== 'hmac') return { scheme, ...signed };
  const {
    header = '',
    algorithm = 'sha256',
    encoding = 'hex',
    prefix = '',
    deliveryIdHeader = null,
  } = source;
  if (header === '') fault('must have a header: the one with the signature');
  return { scheme, ...signed, format: { header, algorithm, encoding, prefix, deliveryIdHeader } };
}

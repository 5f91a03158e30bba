import { secretNameFault } from './secret-name.ts';
import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { Settings, WebhookSource } from './settings.ts';

export function toWebhookSources(
  { WEBHOOK_SOURCES = {} }: ParsedSettings,
  fault: AddFault,
): Settings['webhookSources'] {
  const sources = new Map<string, WebhookSource>();
  for (const [givenName, { scheme, secret = null, rename }] of Object.entries(WEBHOOK_SOURCES)) {
    const name = givenName.toLowerCase();
    const complain = (message: string) => fault('WEBHOOK_SOURCES', `/${givenName}${message}`);
    if (sources.has(name)) complain(' must not differ from another name in case only');
    const keyFault = secret === null ? null : secretNameFault(secret);
    if (keyFault !== null) complain(`/secret ${keyFault}`);
    if (scheme !== 'cloud-events' && secret === null) complain(' must have a secret');
    if (scheme === 'cloud-events' && secret !== null) {
      complain(' must not have a secret: its sender authenticates as a caller');
    }
    sources.set(name, { scheme, secret, rename });
  }
  return sources;
}

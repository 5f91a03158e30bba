import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { Settings, WebhookSource } from './settings.ts';

export function toWebhookSources(
  { WEBHOOK_SOURCES = {} }: ParsedSettings,
  fault: AddFault,
): Settings['webhookSources'] {
  const sources = new Map<string, WebhookSource>();
  for (const [name, { scheme, secret = null, rename }] of Object.entries(WEBHOOK_SOURCES)) {
    if (scheme !== 'cloud-events' && secret === null) fault('WEBHOOK_SOURCES', `/${name} must have a secret`);
    if (scheme === 'cloud-events' && secret !== null) {
      fault('WEBHOOK_SOURCES', `/${name} must not have a secret: its sender authenticates as a caller`);
    }
    sources.set(name, { scheme, secret, rename });
  }
  return sources;
}

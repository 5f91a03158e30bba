import { isLoopback } from '../outbound/loopback.ts';
import { parseOrigin } from './service-uri.ts';
import type { AddFault } from './settings-error.ts';

const VAULT_DOMAINS = ['.vault.azure.net', '.vault.azure.cn', '.vault.usgovcloudapi.net'];

export function toVaultUri(text: string, fault: AddFault): string {
  const complain = (message: string) => fault('KEY_VAULT_URI', ` ${message}`);
  const url = parseOrigin(text, complain);
  if (url !== null && !isLoopback(url) && !VAULT_DOMAINS.some((domain) => url.hostname.endsWith(domain))) {
    complain(`must be a vault: https://NAME${VAULT_DOMAINS[0]}`);
  }
  return url?.origin ?? text;
}

import { createAccessPolicy, type Grant } from '../callers/access-policy.ts';
import { parseOrigin } from './service-uri.ts';
import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { CallerAuthentication } from './settings.ts';

const PUBLIC_CLOUD_AUTHORITY = 'https://login.microsoftonline.com';

export function toCallerAuthentication(parsed: ParsedSettings, fault: AddFault): CallerAuthentication {
  if (parsed.CALLER_AUTHENTICATION === 'function-key') return { kind: 'function-key' };
  const { ENTRA_TENANT_ID: tenantId, ENTRA_AUDIENCE: audience } = parsed;
  const authority = parsed.ENTRA_AUTHORITY ?? PUBLIC_CLOUD_AUTHORITY;
  if (tenantId === undefined) fault('ENTRA_TENANT_ID', ' is required with CALLER_AUTHENTICATION=entra');
  if (audience === undefined) fault('ENTRA_AUDIENCE', ' is required with CALLER_AUTHENTICATION=entra');
  const url = parseOrigin(authority, (message) => fault('ENTRA_AUTHORITY', ` ${message}`));
  return {
    kind: 'entra',
    tenantId: tenantId?.toLowerCase() ?? '',
    audience: audience ?? '',
    authority: url?.origin ?? authority,
  };
}

export function toAccessPolicy({ ACCESS_POLICY: grants }: ParsedSettings, fault: AddFault): readonly Grant[] {
  for (const [index, grant] of grants.entries()) {
    try {
      createAccessPolicy([grant]);
    } catch (error) {
      fault('ACCESS_POLICY', `/${index} ${error instanceof Error ? error.message : 'is not valid'}`);
    }
  }
  return grants;
}

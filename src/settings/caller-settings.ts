import { type CompileNames, createAccessPolicy, type Grant } from '../callers/access-policy.ts';
import { parseOrigin } from './service-uri.ts';
import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { CallerAuthentication, EntraTenant } from './settings.ts';

const PUBLIC_CLOUD_AUTHORITY = 'https://login.microsoftonline.com';

export function toCallerAuthentication(parsed: ParsedSettings, fault: AddFault): CallerAuthentication {
  const { CALLER_AUTHENTICATION: kind } = parsed;
  const ways = kind.split(',');
  return {
    kind,
    entra: ways.includes('entra') ? toEntraTenant(parsed, fault) : null,
    callerKeys: ways.includes('caller-key') ? toCallerKeys(parsed, fault) : null,
  };
}

function toEntraTenant(parsed: ParsedSettings, fault: AddFault): EntraTenant {
  const { ENTRA_TENANT_ID: tenantId, ENTRA_AUDIENCE: audience } = parsed;
  const authority = parsed.ENTRA_AUTHORITY ?? PUBLIC_CLOUD_AUTHORITY;
  if (tenantId === undefined) fault('ENTRA_TENANT_ID', ' is required with CALLER_AUTHENTICATION=entra');
  if (audience === undefined) fault('ENTRA_AUDIENCE', ' is required with CALLER_AUTHENTICATION=entra');
  const url = parseOrigin(authority, (message) => fault('ENTRA_AUTHORITY', ` ${message}`));
  return {
    tenantId: tenantId?.toLowerCase() ?? '',
    audience: audience ?? '',
    authority: url?.origin ?? authority,
  };
}

function toCallerKeys({ CALLER_KEYS: names }: ParsedSettings, fault: AddFault): ReadonlySet<string> {
  if (names === undefined) fault('CALLER_KEYS', ' is required with CALLER_AUTHENTICATION=caller-key');
  const callers = new Set(names?.map((name) => name.toLowerCase()));
  if (callers.size < (names?.length ?? 0)) fault('CALLER_KEYS', ' has a name more than once');
  return callers;
}

export function toAccessPolicy(
  { ACCESS_POLICY: grants }: ParsedSettings,
  compileNames: CompileNames,
  fault: AddFault,
): readonly Grant[] {
  for (const [index, grant] of grants.entries()) {
    try {
      createAccessPolicy([grant], compileNames);
    } catch (error) {
      fault('ACCESS_POLICY', `/${index} ${error instanceof Error ? error.message : 'is not valid'}`);
    }
  }
  return grants;
}

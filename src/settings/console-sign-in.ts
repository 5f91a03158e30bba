import type { ConsoleSettings } from '../http/console-page.ts';
import { isObject } from '../json/is-object.ts';
import { isUuid } from '../text/uuid.ts';
import { parseJsonSetting } from './json-setting.ts';
import type { AddFault } from './settings-error.ts';
import type { ParsedSettings } from './settings.schema.ts';
import type { CallerAuthentication, EntraTenant } from './settings.ts';

/**
 * How people sign in to the console page; null where the page is left out: by `off`, and where callers show
 * tokens only but no public client signs people in.
 */
export function toConsole(
  { CONSOLE: text }: ParsedSettings,
  { kind, entra, callerKeys }: CallerAuthentication,
  fault: AddFault,
): ConsoleSettings | null {
  if (text === 'off') return null;
  const clientId = text === undefined ? null : parseClientId(text, fault);
  if (clientId !== null && !kind.split(',').includes('entra')) {
    fault('CONSOLE', ' with a clientId needs entra in CALLER_AUTHENTICATION');
  }
  const bySignIn = clientId === null || entra === null ? null : toSignIn(clientId, entra);
  const signIn = [
    ...(bySignIn === null ? [] : (['entra'] as const)),
    ...(callerKeys === null ? [] : (['caller-key'] as const)),
    ...(kind === 'function-key' ? (['function-key'] as const) : []),
  ];
  return signIn.length === 0 ? null : { signIn, entra: bySignIn };
}

function parseClientId(text: string, fault: AddFault): string | null {
  const read = parseJsonSetting(text);
  const { clientId, ...others } = 'value' in read && isObject(read.value) ? read.value : {};
  if (typeof clientId === 'string' && isUuid(clientId) && Object.keys(others).length === 0) {
    return clientId.toLowerCase();
  }
  fault('CONSOLE', ' must be off, or {"clientId":"..."} with the id of a public client');
  return null;
}

function toSignIn(clientId: string, { tenantId, audience, authority }: EntraTenant) {
  // An audience that is a client id has the URI that Entra suggests for it.
  const api = audience.includes('://') ? audience : `api://${audience}`;
  return {
    clientId,
    authority: `${authority}/${tenantId}`,
    scope: `${api}/Iterations.Rename`,
    readScope: `${api}/Iterations.Read`,
  };
}

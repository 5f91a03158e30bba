import type { Authenticate } from './authenticate.ts';

const MAX_NAME_LENGTH = 100;

/**
 * The platform checks the key before the function runs, and does not say which key it was: all callers share
 * one id. Records keep the name in `X-Client-Name`, marked as unverified.
 */
export function createFunctionKeyAuthentication(): Authenticate {
  return async ({ header }) => ({
    caller: { kind: 'function-key', id: 'function-key', name: claimedName(header('x-client-name')) },
    ids: ['function-key'],
    permissions: new Set(['rename', 'read'] as const),
  });
}

function claimedName(header: string | null): string | null {
  const visible = (header ?? '').replaceAll(/[^\x20-\x7E]/g, '').trim();
  return visible === '' ? null : `unverified:${visible.slice(0, MAX_NAME_LENGTH)}`;
}

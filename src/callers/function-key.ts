import type { Authenticate } from './authenticate.ts';

const MAX_NAME_LENGTH = 100;

/**
 * The platform has checked the key before the function runs, and tells nobody which one it was: all callers are one. What they
 * call themselves in `X-Client-Name` is kept, and says in its own text that nobody has verified it.
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

import { describe, expect, it } from 'vitest';
import { createAccessPolicy } from '../../src/callers/access-policy.ts';
import type { AuthenticatedCaller, Permission } from '../../src/callers/authenticate.ts';
import { requireAnyGrant } from '../../src/callers/authorise.ts';
import { compileNames } from '../../src/callers/name-pattern.ts';

const projectId = '11111111-1111-4111-8111-111111111111';
const policy = createAccessPolicy(
  [{ caller: 'key:line-3', projects: [projectId], resources: ['*'], may: ['rename'] }],
  compileNames,
);
const callerOf = (id: string, ...permissions: Permission[]): AuthenticatedCaller => ({
  caller: { kind: 'caller-key', id, name: null },
  ids: [id],
  permissions: new Set(permissions),
});
const ask = (caller: AuthenticatedCaller, may: Permission) => () =>
  requireAnyGrant(policy, caller, { may, projectId });

describe('before anything of a request is looked at, a caller', () => {
  it('passes with a grant for anything', () => {
    expect(ask(callerOf('key:line-3', 'rename', 'read'), 'rename')).not.toThrow();
  });

  it.each<{ case: string; caller: AuthenticatedCaller; may: Permission }>([
    { case: 'without any grant', caller: callerOf('key:other', 'rename', 'read'), may: 'rename' },
    {
      case: 'with a grant for something else',
      caller: callerOf('key:line-3', 'rename', 'read'),
      may: 'read',
    },
    { case: 'whose token does not allow it', caller: callerOf('key:line-3', 'read'), may: 'rename' },
  ])('$case is refused', ({ caller, may }) => {
    expect(ask(caller, may)).toThrow(
      expect.objectContaining({
        code: 'forbidden',
        reason: 'no_grant',
        denial: { callerId: caller.caller.id, may, projectId, resource: null },
      }),
    );
  });
});

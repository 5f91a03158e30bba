import { describe, expect, it } from 'vitest';
import { compileNames } from '../../src/callers/name-pattern.ts';
import { createAccessPolicy, type Grant } from '../../src/callers/access-policy.ts';
import type { AuthenticatedCaller, Permission } from '../../src/callers/authenticate.ts';
import {
  authorise,
  authoriseLookUp,
  callerWithoutToken,
  requireAnyGrant,
} from '../../src/callers/authorise.ts';
import { CallerError, type Denial } from '../../src/callers/caller-error.ts';

const projectId = '11111111-1111-4111-8111-111111111111';
const ID = 'entra:22222222-2222-4222-8222-222222222222';
const RENAME = { may: 'rename', projectId, resource: 'line-1', name: 'v2' } as const;
const READ = { may: 'read', projectId } as const;

const grant = (may: Permission[], more: Partial<Grant> = {}): Grant => ({
  caller: ID,
  projects: ['*'],
  resources: ['line-1', 'line-2'],
  may,
  ...more,
});
const callerWith = (...permissions: Permission[]): AuthenticatedCaller => ({
  caller: { kind: 'entra-application', id: ID, name: null },
  ids: [ID, 'entra:client'],
  permissions: new Set(permissions),
});

function denialOf(ask: () => unknown): Denial | null {
  try {
    ask();
  } catch (error) {
    if (error instanceof CallerError && error.code === 'forbidden') return error.denial;
    throw error;
  }
  throw new Error('it was granted');
}

describe('a caller', () => {
  it('may rename on a granted resource', () => {
    const policy = createAccessPolicy([grant(['rename'])], compileNames);
    expect(authorise(policy, callerWith('rename', 'read'), RENAME)).toEqual(['line-1']);
  });

  it('may read the records of the granted resources', () => {
    const policy = createAccessPolicy([grant(['read'])], compileNames);
    expect(authorise(policy, callerWith('read'), READ)).toEqual(['line-1', 'line-2']);
  });

  it('may read the records of all resources where the grant says so', () => {
    const policy = createAccessPolicy([grant(['read'], { resources: ['*'] })], compileNames);
    expect(authorise(policy, callerWith('read'), READ)).toBe('all');
  });

  it('is known by any of its ids', () => {
    const policy = createAccessPolicy([grant(['rename'], { caller: 'entra:client' })], compileNames);
    expect(authorise(policy, callerWith('rename'), RENAME)).toEqual(['line-1']);
  });

  it.each([
    { case: 'without a grant', grants: [], permissions: ['rename', 'read'] },
    { case: 'without the permission in its token', grants: [grant(['rename', 'read'])], permissions: [] },
    {
      case: 'with a grant of another project',
      grants: [grant(['rename', 'read'], { projects: ['33333333-3333-4333-8333-333333333333'] })],
      permissions: ['rename', 'read'],
    },
  ] as const)('is denied $case, and the error says for the log what was asked', ({ grants, permissions }) => {
    const policy = createAccessPolicy(grants, compileNames);
    const caller = callerWith(...permissions);
    const denial = { callerId: ID, projectId };
    expect(denialOf(() => authorise(policy, caller, RENAME))).toEqual({
      ...denial,
      may: 'rename',
      resource: 'line-1',
    });
    expect(denialOf(() => authorise(policy, caller, READ))).toEqual({
      ...denial,
      may: 'read',
      resource: null,
    });
  });

  it('with a read-only token cannot rename, whatever is granted', () => {
    const policy = createAccessPolicy([grant(['rename', 'read'])], compileNames);
    expect(denialOf(() => authorise(policy, callerWith('read'), RENAME))?.may).toBe('rename');
  });

  it('cannot rename to a name outside the pattern of its grant', () => {
    const policy = createAccessPolicy([grant(['rename'], { names: 'approved .*' })], compileNames);
    expect(denialOf(() => authorise(policy, callerWith('rename'), RENAME))?.resource).toBe('line-1');
  });
});

describe('a look-up', () => {
  const OTHER = '33333333-3333-4333-8333-333333333333';
  const LOOK_UP = { projectId, resource: 'line-1' };
  const ANY_PROJECT = { projectId: null, resource: 'line-1' };
  const isGranted = (
    grants: Grant[],
    permissions: Permission[],
    lookUp: typeof LOOK_UP | typeof ANY_PROJECT,
  ) => {
    const policy = createAccessPolicy(grants, compileNames);
    try {
      authoriseLookUp(policy, callerWith(...permissions), lookUp);
      return true;
    } catch (error) {
      if (error instanceof CallerError && error.code === 'forbidden') return false;
      throw error;
    }
  };

  it.each([
    { case: 'renaming', grants: [grant(['rename'])], permissions: ['rename', 'read'] },
    {
      case: 'renaming to some names',
      grants: [grant(['rename'], { names: 'v.*' })],
      permissions: ['rename'],
    },
    { case: 'reading', grants: [grant(['read'])], permissions: ['read'] },
    { case: 'the project', grants: [grant(['read'], { projects: [projectId] })], permissions: ['read'] },
    { case: 'all resources', grants: [grant(['read'], { resources: ['*'] })], permissions: ['read'] },
    { case: 'everybody', grants: [grant(['read'], { caller: '*' })], permissions: ['read'] },
  ] as const)('is granted by a grant of $case', ({ grants, permissions }) => {
    expect(isGranted([...grants], [...permissions], LOOK_UP)).toBe(true);
    expect(isGranted([...grants], [...permissions], ANY_PROJECT)).toBe(true);
  });

  it.each([
    { case: 'no grant', grants: [], permissions: ['rename', 'read'], ofAny: false },
    {
      case: 'no permission in the token',
      grants: [grant(['rename', 'read'])],
      permissions: [],
      ofAny: false,
    },
    {
      case: 'a token to read, and a grant to rename',
      grants: [grant(['rename'])],
      permissions: ['read'],
      ofAny: false,
    },
    {
      case: 'a grant of another project',
      grants: [grant(['read'], { projects: [OTHER] })],
      permissions: ['read'],
      ofAny: true,
    },
    {
      case: 'a grant of another resource',
      grants: [grant(['read'], { resources: ['line-2'] })],
      permissions: ['read'],
      ofAny: false,
    },
    {
      case: 'the project in one grant, and the resource in another',
      grants: [
        grant(['read'], { projects: [projectId], resources: ['line-2'] }),
        grant(['read'], { projects: [OTHER], resources: ['line-1'] }),
      ],
      permissions: ['read'],
      ofAny: true,
    },
    {
      case: 'a grant of another caller',
      grants: [grant(['read'], { caller: 'entra:other' })],
      permissions: ['read'],
      ofAny: false,
    },
  ] as const)('is denied with $case', ({ grants, permissions, ofAny }) => {
    expect(isGranted([...grants], [...permissions], LOOK_UP)).toBe(false);
    expect(isGranted([...grants], [...permissions], ANY_PROJECT)).toBe(ofAny);
  });

  it('that is denied is named in the error, for the log', () => {
    const policy = createAccessPolicy([], compileNames);
    const denial = { callerId: ID, may: 'look-up' };
    expect(denialOf(() => authoriseLookUp(policy, callerWith('read'), LOOK_UP))).toEqual({
      ...denial,
      ...LOOK_UP,
    });
    const asked = { may: 'look-up', projectId } as const;
    expect(denialOf(() => requireAnyGrant(policy, callerWith('read'), asked))).toEqual({
      ...denial,
      projectId,
      resource: null,
    });
  });

  it('needs any grant that the token does not rule out, before its request is looked at', () => {
    const policy = createAccessPolicy([grant(['rename'])], compileNames);
    const asked = { may: 'look-up', projectId: null } as const;
    expect(() => requireAnyGrant(policy, callerWith('rename', 'read'), asked)).not.toThrow();
    expect(denialOf(() => requireAnyGrant(policy, callerWith('read'), asked))?.may).toBe('look-up');
  });
});

describe('a caller without a token', () => {
  const source = callerWithoutToken({ kind: 'webhook', id: 'webhook:registry', name: null });

  it('may rename what its grants allow', () => {
    const policy = createAccessPolicy([grant(['rename'], { caller: 'webhook:registry' })], compileNames);
    expect(authorise(policy, source, RENAME)).toEqual(['line-1']);
  });

  it('can never read', () => {
    const policy = createAccessPolicy([grant(['rename', 'read'], { caller: '*' })], compileNames);
    expect(denialOf(() => authorise(policy, source, READ))?.callerId).toBe('webhook:registry');
  });
});

import { describe, expect, it } from 'vitest';
import { compileNames } from '../../src/callers/name-pattern.ts';
import { createAccessPolicy, type Grant } from '../../src/callers/access-policy.ts';
import type { AuthenticatedCaller, Permission } from '../../src/callers/authenticate.ts';
import { authorise, callerWithoutToken } from '../../src/callers/authorise.ts';
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

import { describe, expect, it } from 'vitest';
import { createAccessPolicy, type Grant } from '../../src/callers/access-policy.ts';
import { compileNames } from '../../src/callers/name-pattern.ts';

const PROJECT = '5e0f5b64-6d8b-4d4b-9a0a-0f6a7c1f2a11';
const OTHER_PROJECT = '0b7c0b54-3a35-4a43-8d0f-6a2c9d1e7f22';
const grant: Grant = {
  caller: 'webhook:registry',
  projects: [PROJECT],
  resources: ['line-3'],
  names: 'v\\d+',
  may: ['rename'],
};
const asked = { caller: 'webhook:registry', projectId: PROJECT, resource: 'line-3', name: 'v4' };

const policyOf = (grants: readonly Grant[]) => createAccessPolicy(grants, compileNames);

describe('the access policy', () => {
  it('denies everything without a grant', () => {
    const policy = policyOf([]);
    expect(policy.allowsRename(['function-key'], asked)).toBe(false);
    expect(policy.resourcesFor(['function-key'], 'read', PROJECT)).toEqual([]);
  });

  describe.each([
    { part: 'caller', fits: true, change: {} },
    { part: 'caller', fits: true, change: { caller: '*' } },
    { part: 'caller', fits: false, change: { caller: 'webhook:other' } },
    { part: 'caller', fits: false, change: { caller: 'webhook:registr' } },
  ])('a grant to $change.caller', ({ fits: callerFits, change: callerChange }) => {
    describe.each([
      { fits: true, change: {} },
      { fits: true, change: { projects: ['*'] } },
      { fits: true, change: { projects: [OTHER_PROJECT, PROJECT.toUpperCase()] } },
      { fits: false, change: { projects: [OTHER_PROJECT] } },
    ])('for the projects $change.projects', ({ fits: projectFits, change: projectChange }) => {
      it.each([
        { fits: true, change: {} },
        { fits: true, change: { resources: ['other', '*'] } },
        { fits: false, change: { resources: ['other'] } },
        { fits: false, change: { resources: ['line'] } },
        { fits: false, change: { names: 'v\\d{2}' } },
        { fits: false, change: { names: '\\d|x' } },
        { fits: false, change: { may: ['read' as const] } },
        { fits: true, change: { may: ['read' as const, 'rename' as const] } },
      ])('and $change must match in every part', ({ fits, change }) => {
        const policy = policyOf([{ ...grant, ...callerChange, ...projectChange, ...change }]);
        expect(policy.allowsRename([asked.caller], asked)).toBe(callerFits && projectFits && fits);
      });
    });
  });

  it('does not combine parts of two grants', () => {
    const policy = policyOf([
      { ...grant, resources: ['other'] },
      { ...grant, projects: [OTHER_PROJECT] },
      { ...grant, caller: 'webhook:other' },
      { ...grant, may: ['read'] },
    ]);
    expect(policy.allowsRename([asked.caller], asked)).toBe(false);
  });

  it.each([
    { case: 'a part in front', name: 'xv4' },
    { case: 'a part behind', name: 'v4x' },
    { case: 'an alternative that is not anchored', name: 'vx', names: 'v|x' },
    { case: 'another line', name: 'x\nv4' },
    { case: 'upper case', name: 'V4' },
  ])('matches the whole name only: not $case', ({ name, names = 'v\\d+' }) => {
    const policy = policyOf([{ ...grant, names }]);
    expect(policy.allowsRename([asked.caller], { ...asked, name })).toBe(false);
  });

  it('knows a caller by any of its ids', () => {
    const policy = policyOf([grant]);
    expect(policy.allowsRename(['entra:x', 'WEBHOOK:registry'], asked)).toBe(true);
  });

  it('collects the readable resources of all matching grants', () => {
    const policy = policyOf([
      { ...grant, may: ['read'], resources: ['a'] },
      { ...grant, may: ['read', 'rename'], resources: ['b'], projects: ['*'] },
      { ...grant, may: ['rename'], resources: ['c'] },
      { ...grant, may: ['read'], resources: ['d'], projects: [OTHER_PROJECT] },
    ]);
    expect(policy.resourcesFor([asked.caller], 'read', PROJECT)).toEqual(['a', 'b']);
  });

  it('lets a wildcard read all resources', () => {
    const policy = policyOf([{ ...grant, may: ['read'], resources: ['*'] }]);
    expect(policy.resourcesFor([asked.caller], 'read', PROJECT)).toBe('all');
  });

  it.each(['(', 'a)|(b', '[z-a]', '(?=v)v', '(a)\\1', 'x{1001}'])('refuses the pattern %s', (names) => {
    expect(() => policyOf([{ ...grant, names }])).toThrow('regular expression');
  });
});

import { anyText } from '../any-text.ts';
import { compileNames } from '../../src/callers/name-pattern.ts';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { createAccessPolicy, type Grant } from '../../src/callers/access-policy.ts';
import { createRecheckQueuedRename } from '../../src/callers/recheck-queued-rename.ts';
import type { RenameIntent } from '../../src/rename/audit-record.ts';

const ENDPOINT = new URL('https://japaneast.api.cognitive.microsoft.com');
const INTENT: RenameIntent = {
  renameId: '8232767999999-aaaaaaaaaa',
  resource: 'default',
  endpointHost: ENDPOINT.host,
  apiVersion: 'v3.2',
  projectId: '11111111-1111-4111-8111-111111111111',
  iterationId: '22222222-2222-4222-8222-222222222222',
  requestedName: 'Release 1',
  caller: { kind: 'webhook', id: 'webhook:registry', name: null },
  trigger: 'webhook',
  traceId: null,
  requestedAt: '2026-01-01T00:00:00.000Z',
  replaces: null,
  undoes: null,
};
const SOURCE = ['webhook:registry'];
const SENDER = ['entra:11111111-0000-4000-8000-000000000000', 'entra:22222222-0000-4000-8000-000000000000'];
const grantTo = (caller: string, more: Partial<Grant> = {}): Grant => ({
  caller,
  projects: ['*'],
  resources: ['*'],
  may: ['rename'],
  ...more,
});

function recheckWith(grants: readonly Grant[] = [grantTo('*')], endpoint = ENDPOINT) {
  const resources = new Map([['default', { endpoint }]]);
  return createRecheckQueuedRename({ resources, policy: createAccessPolicy(grants, compileNames) });
}

const NOT_SOUND = 'The record is not a rename that could have been accepted.';

describe('a record that is read back', () => {
  it('may be sent where settings, rules and grants allow it', () => {
    expect(recheckWith()(INTENT, [SOURCE])).toBeNull();
    const training = { kind: 'training', id: 'training:default', name: null } as const;
    const trained: RenameIntent = { ...INTENT, caller: training, trigger: 'training' };
    expect(recheckWith()(trained, [[training.id]])).toBeNull();
  });

  it.each<{ case: string; change: Partial<RenameIntent> }>([
    { case: 'an iteration ".."', change: { iterationId: '..' } },
    { case: 'a project "."', change: { projectId: '.' } },
    { case: 'a version ".."', change: { apiVersion: '..' } },
    { case: 'a version that does not exist', change: { apiVersion: 'v9.9' } },
    { case: 'a version with a path behind it', change: { apiVersion: 'v3.2/..' } },
    { case: 'no name', change: { requestedName: '' } },
    { case: 'a name with a control character', change: { requestedName: 'a\u0000' } },
    { case: 'a name that is too long', change: { requestedName: 'x'.repeat(257) } },
    { case: 'the trigger of a synchronous rename', change: { trigger: 'http' } },
    { case: 'another kind of caller', change: { caller: { ...INTENT.caller, kind: 'function-key' } } },
    {
      case: 'a caller that nothing was asked of',
      change: { caller: { ...INTENT.caller, id: 'webhook:other' } },
    },
  ])('is not sent with $case', ({ change }) => {
    expect(recheckWith()({ ...INTENT, ...change }, [SOURCE])).toBe(NOT_SOUND);
  });

  it('is not sent where it does not tell whom the policy must grant it', () => {
    expect(recheckWith()(INTENT, [])).toBe(NOT_SOUND);
    expect(recheckWith()(INTENT, [[]])).toBe(NOT_SOUND);
  });

  it('is not sent where its resource is gone, or is another one now', () => {
    expect(recheckWith()({ ...INTENT, resource: 'gone' }, [SOURCE])).toBe(
      'The resource gone is no longer in the settings.',
    );
    const elsewhere = recheckWith([grantTo('*')], new URL('https://eastus.api.cognitive.microsoft.com'));
    expect(elsewhere(INTENT, [SOURCE])).toBe('The resource default has another endpoint now.');
  });

  const text = anyText();
  test.prop([fc.record({ apiVersion: text, projectId: text, iterationId: text })], { numRuns: 1000 })(
    'is not sent with any other text for its version and ids',
    (change) => {
      expect(recheckWith()({ ...INTENT, ...change }, [SOURCE])).toBe(NOT_SOUND);
    },
  );
});

describe('the present access policy', () => {
  it('is asked, with the name that was requested', () => {
    const recheck = recheckWith([grantTo('webhook:registry', { names: 'v.*' })]);
    expect(recheck(INTENT, [SOURCE])).toBe('No grant allows webhook:registry this rename any more.');
    expect(recheck({ ...INTENT, requestedName: 'v1' }, [SOURCE])).toBeNull();
  });

  it('must grant the rename to the source and to its sender, by any of their ids', () => {
    const [, secondId = ''] = SENDER;
    const parties = [SOURCE, SENDER];
    expect(recheckWith([grantTo('webhook:registry'), grantTo(secondId)])(INTENT, parties)).toBeNull();
    expect(recheckWith([grantTo('webhook:registry')])(INTENT, parties)).toBe(
      `No grant allows ${SENDER[0]} this rename any more.`,
    );
    expect(recheckWith([grantTo(secondId)])(INTENT, parties)).toContain('webhook:registry');
  });

  it('must let them rename: a grant to read is none', () => {
    expect(recheckWith([grantTo('*', { may: ['read'] })])(INTENT, [SOURCE])).toContain('No grant allows');
  });
});

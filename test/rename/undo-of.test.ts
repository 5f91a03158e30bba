import { describe, expect, it } from 'vitest';
import { type AuditRecord, PENDING, type RenameOutcome } from '../../src/rename/audit-record.ts';
import { RenameError } from '../../src/rename/rename-error.ts';
import { intentOf } from '../../src/rename/rename-request.ts';
import { undoOf } from '../../src/rename/undo-of.ts';
import { requestFor } from './world.ts';

const RENAME_ID = '8236000000000-abcdefghij';

function recordOf(outcome: Partial<RenameOutcome> = {}): AuditRecord {
  const intent = intentOf({
    renameId: RENAME_ID,
    request: requestFor('v1'),
    caller: { kind: 'function-key', id: 'function-key', name: null },
    trigger: 'http',
    traceId: null,
    requestedAt: '2026-01-01T00:00:00.000Z',
    replaces: null,
    undoes: null,
  });
  return {
    ...intent,
    status: 'succeeded',
    previousName: 'Iteration 1',
    appliedName: null,
    completedAt: '2026-01-01T00:00:00.100Z',
    durationMs: 100,
    attempts: 1,
    upstreamStatus: 200,
    upstreamCode: null,
    upstreamMessage: null,
    upstreamRequestId: null,
    evidence: 'response',
    ...outcome,
  };
}

const codeOf = (record: AuditRecord): string => {
  try {
    undoOf(record);
  } catch (error) {
    if (error instanceof RenameError) return error.code;
  }
  return 'none';
};

describe('an undo', () => {
  it('gives the previous name back, in place of the name that the rename gave', () => {
    expect(undoOf(recordOf())).toEqual({
      undoes: { renameId: RENAME_ID, givenName: 'v1' },
      name: 'Iteration 1',
    });
  });

  it('takes back the name as the service wrote it', () => {
    expect(undoOf(recordOf({ appliedName: 'V 1' })).undoes.givenName).toBe('V 1');
  });

  it.each(['rejected', 'not_applied', 'unresolved'] as const)(
    'has nothing to undo of one that is %s',
    (status) => {
      expect(codeOf(recordOf({ status }))).toBe('nothing_to_undo');
    },
  );

  it('is too early for a rename under way, and says when to ask again', () => {
    const { completedAt, durationMs, evidence, attempts, upstreamStatus, ...ended } = recordOf();
    expect([completedAt, durationMs, evidence, attempts, upstreamStatus]).not.toContain(null);
    const pending: AuditRecord = {
      ...ended,
      ...PENDING,
    };
    expect(() => undoOf(pending)).toThrow(
      expect.objectContaining({ code: 'undone_too_early', retryAfterMs: 1000 }),
    );
  });

  it.each<{ case: string; outcome: Partial<RenameOutcome> }>([
    { case: 'no previous name', outcome: { previousName: null } },
    { case: 'the same name before', outcome: { previousName: 'v1' } },
    { case: 'another form of it before', outcome: { previousName: ' v1' } },
    { case: 'the name before that the service wrote', outcome: { previousName: 'V  1', appliedName: 'V 1' } },
  ])('knows no name to give back where the record tells $case', ({ outcome }) => {
    expect(codeOf(recordOf(outcome))).toBe('previous_name_unknown');
  });
});

import { describe, expect, it } from 'vitest';
import { findUndoable, findUndos, groupByDay, isShown } from '../../src/console/timeline.ts';
import { auditRecord } from './audit-record.ts';

const newest = auditRecord({ renameId: 'c', requestedAt: '2026-11-26T10:00:00.000Z', requestedName: 'C' });
const middle = auditRecord({ renameId: 'b', requestedAt: '2026-11-25T10:00:00.000Z', requestedName: 'B' });
const oldest = auditRecord({ renameId: 'a', requestedAt: '2026-11-25T09:00:00.000Z', requestedName: 'A' });
const all = [newest, middle, oldest];

it('groups records by day, and keeps their order', () => {
  const days = groupByDay(all, (iso) => iso.slice(0, 10));
  expect(days.map(({ day, records }) => [day, records.map(({ renameId }) => renameId)])).toEqual([
    ['2026-11-26', ['c']],
    ['2026-11-25', ['b', 'a']],
  ]);
});

describe('what can be undone', () => {
  it('is the newest rename of each iteration, not an older one', () => {
    const elsewhere = auditRecord({ renameId: 'z', iterationId: 'another' });
    expect([...findUndoable([...all, elsewhere])]).toEqual(['c', 'z']);
  });

  it('is the newest that succeeded: what failed since changed nothing', () => {
    const refused = auditRecord({ renameId: 'd', status: 'rejected' });
    const pending = auditRecord({ renameId: 'e', status: 'not_applied' });
    expect([...findUndoable([refused, pending, ...all])]).toEqual(['c']);
  });

  it('is nothing where the name before is not known', () => {
    expect([...findUndoable([auditRecord({ renameId: 'd', previousName: null }), ...all])]).toEqual([]);
  });

  it('is not what was undone, but its undo', () => {
    const undo = auditRecord({ renameId: 'u', undoes: 'c' });
    expect([...findUndoable([undo, ...all])]).toEqual(['u']);
    expect(findUndos([undo, ...all]).get('c')?.renameId).toBe('u');
  });

  it('stays undoable where its undo failed', () => {
    const failed = auditRecord({ renameId: 'u', undoes: 'c', status: 'not_applied' });
    expect([...findUndoable([failed, ...all])]).toEqual(['c']);
    expect(findUndos([failed, ...all]).size).toBe(0);
  });
});

describe('a filter', () => {
  const record = auditRecord({
    status: 'rejected',
    requestedName: 'Línea ٣',
    previousName: 'Iteration 1',
    upstreamMessage: 'not unique',
    caller: { kind: 'entra-user', id: 'entra:1', name: 'Ada' },
  });
  const any = { status: 'any', who: '', text: '' } as const;

  it.each([
    { case: 'everything', filter: any, shown: true },
    { case: 'its status', filter: { ...any, status: 'rejected' }, shown: true },
    { case: 'another status', filter: { ...any, status: 'succeeded' }, shown: false },
    { case: 'its caller', filter: { ...any, who: 'entra:1' }, shown: true },
    { case: 'another caller', filter: { ...any, who: 'key:line-3' }, shown: false },
    {
      case: 'a part of the new name, decomposed and in capitals',
      filter: { ...any, text: 'LI\u0301NEA' },
      shown: true,
    },
    { case: 'a part of the old name', filter: { ...any, text: 'tion 1' }, shown: true },
    { case: "the caller's name", filter: { ...any, text: 'ada' }, shown: true },
    { case: "the service's words", filter: { ...any, text: 'unique' }, shown: true },
    { case: 'another text', filter: { ...any, text: 'Grace' }, shown: false },
  ] as const)('for $case: $shown', ({ filter, shown }) => {
    expect(isShown(record, filter)).toBe(shown);
  });
});

import { describe, expect, it } from 'vitest';
import { lost, rowsOf, asks, EFFECT, BEGIN, EDIT, violated, type FoundCase } from './sample-evidence.ts';

const UNRESOLVED = 'unresolved only where somebody else changed the iteration';

describe('the judge of the records', () => {
  it.each<FoundCase>([
    {
      case: 'an effect before its record',
      evidence: { begins: [{ ...BEGIN, seq: 4 }] },
      invariants: ['every effect has an earlier record'],
    },
    {
      case: 'an effect whose record was refused',
      evidence: { rows: [], asked: [asks({ attempts: [lost] })] },
      invariants: ['every effect has an earlier record'],
    },
    {
      case: 'an effect of an attempt that is not on record',
      evidence: { effects: [{ ...EFFECT, traceId: 't9' }] },
      invariants: ['every effect has an earlier record', 'succeeded if and only if the effect took place'],
    },
    {
      case: 'a pending record',
      evidence: {
        effects: [],
        rows: rowsOf({ status: 'pending' }),
        asked: [asks({ attempts: [lost] })],
      },
      invariants: ['no record stays pending'],
    },
    {
      case: 'an unresolved record of an iteration that no one else has changed',
      evidence: { rows: rowsOf({ status: 'unresolved' }), asked: [asks({ attempts: [lost] })] },
      invariants: [UNRESOLVED],
    },
    {
      case: 'an unresolved record of an iteration that a person has changed afterwards',
      evidence: {
        edits: [{ ...EDIT, seq: 9 }],
        rows: rowsOf({ status: 'unresolved' }),
        asked: [asks({ attempts: [lost] })],
      },
      invariants: [UNRESOLVED],
    },
    {
      case: 'an unresolved record of an iteration that a person has changed long before',
      evidence: {
        begins: [{ ...BEGIN, atMs: 9000 }],
        edits: [{ ...EDIT, seq: 1 }],
        rows: rowsOf({ status: 'unresolved' }),
        asked: [asks({ attempts: [lost] })],
      },
      invariants: [UNRESOLVED],
    },
    {
      case: 'a record that keeps another name than was taken',
      evidence: { effects: [{ ...EFFECT, shown: 'V1' }] },
      invariants: ['a record keeps the name as it was taken'],
    },
    {
      case: 'a previous name that the iteration had only later',
      evidence: { edits: [EDIT], rows: rowsOf({ previousName: EDIT.shown }) },
      invariants: ['a previous name is one that the iteration had'],
    },
    {
      case: 'a success without an effect',
      evidence: { effects: [], asked: [asks({ attempts: [lost] })] },
      invariants: ['succeeded if and only if the effect took place'],
    },
    {
      case: 'an effect whose record says not_applied',
      evidence: { rows: rowsOf({ status: 'not_applied' }), asked: [asks({ attempts: [lost] })] },
      invariants: ['succeeded if and only if the effect took place'],
    },
  ])('finds $case', ({ evidence, invariants }) => {
    expect(violated(evidence).toSorted()).toEqual(invariants.toSorted());
  });
});

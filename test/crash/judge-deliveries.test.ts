import { describe, expect, it } from 'vitest';
import { delivery, type FoundCase, lost, rowsOf, violated } from './sample-evidence.ts';

describe('the judge of the deliveries', () => {
  it.each<FoundCase>([
    {
      case: 'an accepted rename without a record',
      evidence: { begins: [], effects: [], rows: [], asked: [delivery()] },
      invariants: ['an accepted rename ends as a record'],
    },
    {
      case: 'two renames accepted for one delivery',
      evidence: {
        rows: [
          ...rowsOf({ trigger: 'webhook' }),
          ...rowsOf({ renameId: 'r2', trigger: 'webhook', status: 'rejected', requestedName: 'v1' }),
        ],
        asked: [
          delivery({
            attempts: [...delivery().attempts, { ...lost, traceId: 't2', status: 202, renameId: 'r2' }],
          }),
        ],
      },
      invariants: ['succeeded if and only if the effect took place', 'an accepted rename ends as a record'],
    },
    {
      case: 'a delivery without an answer',
      evidence: {
        begins: [],
        effects: [],
        rows: [],
        asked: [delivery({ attempts: [lost, { ...lost, tookMs: 10_000 }] })],
      },
      invariants: ['a delivery is answered'],
    },
    {
      case: 'an effect of a rename whose grant was withdrawn',
      evidence: { rows: rowsOf({ trigger: 'webhook' }), asked: [delivery({ isWithdrawn: true })] },
      invariants: ['nothing is renamed without a grant'],
    },
    {
      case: 'a throttled rename that was given up',
      evidence: {
        effects: [],
        rows: rowsOf({ trigger: 'webhook', status: 'not_applied' }),
        asked: [delivery({ isOnlyThrottled: true })],
      },
      invariants: ['throttling ends no accepted rename'],
    },
  ])('finds $case', ({ evidence, invariants }) => {
    expect(violated(evidence).toSorted()).toEqual(invariants.toSorted());
  });

  it('lets a delivery be accepted anew after a rename that was not applied', () => {
    const again = { ...lost, traceId: 't2', status: 202, renameId: 'r2' };
    const asked = [delivery({ attempts: [...delivery().attempts, again] })];
    const rows = [
      ...rowsOf({ trigger: 'webhook', status: 'not_applied' }),
      ...rowsOf({ renameId: 'r2', trigger: 'webhook', status: 'not_applied', replaces: 'r1' }),
    ];
    expect(violated({ effects: [], asked, rows })).toEqual([]);
  });
});

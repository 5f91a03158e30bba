import { describe, expect, it } from 'vitest';
import { ITERATION, PROJECT, rowsOf, violated, type FoundCase } from './sample-evidence.ts';

describe('the judge of the rows', () => {
  it.each<FoundCase>([
    {
      case: 'a copy that differs',
      evidence: { rows: [rowsOf()[0], rowsOf({ evidence: 'state' })[1]] },
      invariants: ['both copies of a record are equal'],
    },
    {
      case: 'a record without a copy',
      evidence: { rows: [rowsOf()[0]] },
      invariants: ['both copies of a record are equal'],
    },
    {
      case: 'a copy without a record',
      evidence: { rows: [...rowsOf(), rowsOf({ renameId: 'r9' })[1]] },
      invariants: ['both copies of a record are equal'],
    },
    {
      case: 'a lock that is left',
      evidence: {
        rows: [...rowsOf(), { partitionKey: PROJECT, rowKey: `lock|${ITERATION}`, renameId: 'r1' }],
      },
      invariants: ['no lock is left'],
    },
    {
      case: 'an accepted rename that is left in the index',
      evidence: { rows: [...rowsOf(), { partitionKey: PROJECT, rowKey: 'accepted|r1' }] },
      invariants: ['no accepted rename is left'],
    },
    {
      case: 'a claim on a key that points to no record',
      evidence: {
        rows: [...rowsOf(), { partitionKey: PROJECT, rowKey: 'idempotency|hash', renameId: 'r9' }],
      },
      invariants: ['a claim points to a record'],
    },
    {
      case: 'a record without a request',
      evidence: {
        rows: [...rowsOf(), ...rowsOf({ renameId: 'r9', requestedName: 'v9', status: 'rejected' })],
      },
      invariants: ['every record was asked for'],
    },
  ])('finds $case', ({ evidence, invariants }) => {
    expect(violated(evidence).toSorted()).toEqual(invariants.toSorted());
  });
});

import { describe, expect, it } from 'vitest';
import { lost, rowsOf, asks, violated, type FoundCase } from './sample-evidence.ts';

describe('the judge of the answers', () => {
  it.each<FoundCase>([
    {
      case: 'a 504 without an address',
      evidence: { asked: [asks({ attempts: [{ ...lost, status: 504 }] })] },
      invariants: ['an unknown outcome has an address'],
    },
    {
      case: 'a 502 that was passed on without a look',
      evidence: {
        reads: [{ seq: 1, traceId: 't1', answered: { seq: 2, status: 200 } }],
        asked: [asks({ attempts: [{ ...lost, status: 502, renameId: 'r1' }] })],
      },
      invariants: ['an unknown outcome is told after a look only'],
    },
    {
      case: 'an answer that is not in the contract',
      evidence: { asked: [asks({ attempts: [{ ...lost, status: 500 }] })] },
      invariants: ['every answer is one of the contract'],
    },
    {
      case: 'a 200 without a record',
      evidence: {
        asked: [asks({ attempts: [{ ...lost, status: 200, renameId: 'r9', name: 'v1' }] })],
      },
      invariants: ['a 200 agrees with its record'],
    },
    {
      case: 'a 200 with another name',
      evidence: {
        asked: [asks({ attempts: [{ ...lost, status: 200, renameId: 'r1', name: 'v9' }] })],
      },
      invariants: ['a 200 agrees with its record'],
    },
    {
      case: 'a 200 for what the record calls rejected',
      evidence: { effects: [], rows: rowsOf({ status: 'rejected' }) },
      invariants: ['a 200 agrees with its record'],
    },
    {
      case: 'two renames that answer for one key',
      evidence: {
        rows: [...rowsOf(), ...rowsOf({ renameId: 'r2', traceId: 't2', evidence: 'state' })],
        asked: [
          asks({
            key: 'k1',
            attempts: [
              ...asks().attempts,
              { ...lost, traceId: 't2', status: 200, renameId: 'r2', name: 'v1' },
            ],
          }),
        ],
      },
      invariants: ['a 200 agrees with its record'],
    },
  ])('finds $case', ({ evidence, invariants }) => {
    expect(violated(evidence).toSorted()).toEqual(invariants.toSorted());
  });

  it.each([400, 409, 422, 429, 503])('finds an effect after a %i', (status) => {
    const asked = [asks({ attempts: [{ ...lost, status }] })];
    expect(violated({ asked })).toEqual(['a refusal had no effect']);
  });
});

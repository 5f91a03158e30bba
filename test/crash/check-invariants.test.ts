import { describe, expect, it } from 'vitest';
import { checkInvariants } from './check-invariants.ts';
import type { Evidence } from './evidence.ts';
import {
  lost,
  rowsOf,
  asks,
  EFFECT,
  BEGIN,
  CLAIM_END,
  EDIT,
  evidenceWith,
  delivery,
  ITERATION,
} from './sample-evidence.ts';

describe('the judge', () => {
  it.each<{ case: string; evidence: Partial<Evidence> }>([
    { case: 'a plain rename', evidence: {} },
    {
      case: 'a rename without an answer, settled by what the iteration shows',
      evidence: { asked: [asks({ attempts: [lost] })], rows: rowsOf({ evidence: 'state' }) },
    },
    {
      case: 'a rename that was not applied, and repeated under its key',
      evidence: {
        begins: [{ ...BEGIN, seq: 1, renameId: 'r0' }, BEGIN],
        rows: [...rowsOf({ renameId: 'r0', traceId: 't0', status: 'not_applied' }), ...rowsOf()],
        asked: [asks({ key: 'k1', attempts: [{ ...lost, traceId: 't0' }, ...asks().attempts] })],
      },
    },
    {
      case: 'a delivery that a sweep carried out',
      evidence: {
        effects: [{ ...EFFECT, traceId: null }],
        rows: rowsOf({ trigger: 'webhook' }),
        asked: [delivery()],
      },
    },
    {
      case: 'a rename judged by the state that an earlier one to the same name left',
      evidence: {
        rows: [...rowsOf(), ...rowsOf({ renameId: 'r2', traceId: 't2', evidence: 'state' })],
        asked: [asks(), asks({ key: 'k2', attempts: [{ ...lost, traceId: 't2' }] })],
      },
    },
    {
      case: 'an unresolved record of an iteration that a person has changed meanwhile',
      evidence: {
        edits: [EDIT],
        rows: rowsOf({ status: 'unresolved' }),
        asked: [asks({ attempts: [lost] })],
      },
    },
    {
      case: 'a name in another form',
      evidence: {
        effects: [{ ...EFFECT, shown: 'V1' }],
        rows: rowsOf({ appliedName: 'V1', previousName: 'v0' }),
        asked: [asks({ attempts: [{ ...lost, status: 200, renameId: 'r1', name: 'V1' }] })],
      },
    },
    // The transaction of a process that was killed may take place after its caller has seen the loss.
    ...[8, 9.5].map((seq) => ({
      case: `a second effect without a key where the first answer was lost, and its claim ended (at ${seq})`,
      evidence: {
        begins: [BEGIN, { ...BEGIN, seq: 10, renameId: 'r2' }],
        claimEnds: [{ ...CLAIM_END, seq }],
        effects: [EFFECT, { ...EFFECT, seq: 11, traceId: 't2' }],
        rows: [...rowsOf(), ...rowsOf({ renameId: 'r2', traceId: 't2' })],
        asked: [asks({ attempts: [lost, { ...lost, traceId: 't2' }] })],
      },
    })),
    {
      case: 'a second effect without a key where the answer to a repeat was lost after the claim had ended',
      evidence: {
        begins: [BEGIN, { ...BEGIN, seq: 13, renameId: 'r2' }],
        claimEnds: [{ ...CLAIM_END, seq: 11 }],
        effects: [EFFECT, { ...EFFECT, seq: 14, traceId: 't3' }],
        rows: [...rowsOf({ evidence: 'state' }), ...rowsOf({ renameId: 'r2', traceId: 't3' })],
        asked: [
          asks({
            attempts: [
              lost,
              { ...lost, traceId: 't2', startedSeq: 10, endedSeq: 12 },
              {
                ...lost,
                traceId: 't3',
                startedSeq: 13,
                endedSeq: 15,
                status: 200,
                renameId: 'r2',
                name: 'v1',
              },
            ],
          }),
        ],
      },
    },
    {
      case: 'a 502 without a look where the iteration had the name before',
      evidence: {
        seeded: [{ iterationId: ITERATION, name: EFFECT.shown }],
        reads: [{ seq: 1, traceId: 't1', answered: { seq: 2, status: 200 } }],
        asked: [asks({ attempts: [{ ...lost, status: 502, renameId: 'r1' }] })],
      },
    },
    {
      case: 'a 502 after a look',
      evidence: {
        reads: [
          { seq: 1, traceId: 't1', answered: { seq: 2, status: 200 } },
          { seq: 4, traceId: 't1', answered: null },
        ],
        asked: [asks({ attempts: [{ ...lost, status: 502, renameId: 'r1' }] })],
      },
    },
  ])('accepts $case', ({ evidence }) => {
    expect(checkInvariants(evidenceWith(evidence))).toEqual([]);
  });

  it('describes a violation with the ids that lead to it', () => {
    const [violation] = checkInvariants(evidenceWith({ effects: [], asked: [asks({ attempts: [lost] })] }));
    expect(violation?.found).toBe(
      'record r1: iteration iteration, "v1" is succeeded, but the name was never taken',
    );
  });
});

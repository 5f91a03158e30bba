import { describe, expect, it } from 'vitest';
import {
  lost,
  rowsOf,
  asks,
  EFFECT,
  BEGIN,
  CLAIM_END,
  EDIT,
  violated,
  type FoundCase,
} from './sample-evidence.ts';

/** A second rename to the same name. */
const SECOND = {
  begins: [BEGIN, { ...BEGIN, seq: 12, renameId: 'r2' }],
  effects: [EFFECT, { ...EFFECT, seq: 13, traceId: 't2' }],
  rows: [...rowsOf(), ...rowsOf({ renameId: 'r2', traceId: 't2' })],
};

describe('the judge of the requests', () => {
  it.each<FoundCase>([
    {
      case: 'a repeat without a key that undoes what a person did',
      evidence: {
        begins: [BEGIN, { ...BEGIN, seq: 5, renameId: 'r2' }],
        effects: [EFFECT, { ...EFFECT, seq: 6, traceId: 't2' }],
        edits: [EDIT],
        rows: [...rowsOf(), ...rowsOf({ renameId: 'r2', traceId: 't2' })],
        asked: [
          asks({
            attempts: [
              { ...lost, status: 502, renameId: 'r1' },
              { ...lost, traceId: 't2' },
            ],
          }),
        ],
      },
      invariants: ['one request has at most one effect', 'a repeat undoes nothing that others did'],
    },
    {
      case: 'a repeat that a 409 tells nothing',
      evidence: {
        asked: [
          asks({
            attempts: [
              { ...lost, status: 502, renameId: 'r1' },
              { ...lost, traceId: 't2', startedSeq: 10, endedSeq: 11, status: 409 },
            ],
          }),
        ],
      },
      invariants: ['a repeat learns what became of the first'],
    },
    {
      case: 'an intended second rename that was answered by the first',
      evidence: {
        asked: [
          asks(),
          asks({
            attempts: asks().attempts.map((one) => ({
              ...one,
              traceId: 't2',
              startedSeq: 10,
              endedSeq: 11,
            })),
          }),
        ],
      },
      invariants: ['an intended second rename is carried out'],
    },
    {
      case: 'two effects of one attempt',
      evidence: { effects: [EFFECT, { ...EFFECT, seq: 4 }] },
      invariants: ['one request has at most one effect'],
    },
    // The end of the second rename's own claim excuses nothing.
    ...[
      { first: 'a 502', attempt: { ...lost, status: 502, renameId: 'r1' } },
      { first: 'a lost answer', attempt: lost },
    ].map(({ first, attempt }): FoundCase => ({
      case: `a second effect after ${first}, whose claim had not ended`,
      evidence: {
        ...SECOND,
        claimEnds: [{ ...CLAIM_END, seq: 13.5, renameId: 'r2' }],
        asked: [asks({ attempts: [attempt, { ...lost, traceId: 't2', startedSeq: 10, endedSeq: 14 }] })],
      },
      invariants: ['one request has at most one effect'],
    })),
    {
      case: 'two effects of one key',
      evidence: {
        begins: [BEGIN, { ...BEGIN, seq: 4, renameId: 'r2' }],
        effects: [EFFECT, { ...EFFECT, seq: 5, traceId: 't2' }],
        rows: [...rowsOf(), ...rowsOf({ renameId: 'r2', traceId: 't2' })],
        asked: [asks({ key: 'k1', attempts: [lost, { ...lost, traceId: 't2' }] })],
      },
      invariants: ['one request has at most one effect'],
    },
  ])('finds $case', ({ evidence, invariants }) => {
    expect(violated(evidence).toSorted()).toEqual(invariants.toSorted());
  });
});

import { describe, expect, it } from 'vitest';
import type { Evidence } from './evidence.ts';
import {
  asks,
  BEGIN,
  EDIT,
  EFFECT,
  END,
  type FoundCase,
  lost,
  READ,
  rowsOf,
  violated,
} from './sample-evidence.ts';

const UNDO_BEGIN = { ...BEGIN, seq: 12, renameId: 'r2' };
const UNDO_READ = { ...READ, seq: 13, traceId: 't2', answered: { seq: 15, status: 200 } };
const UNDO_EFFECT = { ...EFFECT, seq: 17, name: 'v0', shown: 'v0', traceId: 't2' };
const UNDO_ROW = {
  renameId: 'r2',
  requestedName: 'v0',
  previousName: 'v1',
  traceId: 't2',
  undoes: 'r1',
};
const rows = (undone: object = {}, undo: object = {}) => [
  ...rowsOf({ previousName: 'v0', ...undone }),
  ...rowsOf({ ...UNDO_ROW, ...undo }),
];
const told = {
  ...lost,
  startedSeq: 11,
  endedSeq: 19,
  traceId: 't2',
  status: 200,
  renameId: 'r2',
  name: 'v0',
};
const undoAsked = asks({ undoes: 'r1', key: 'undo r1', name: '', attempts: [told] });

/** `v0` became `v1`, and was given back. */
const SOUND: Partial<Evidence> = {
  begins: [BEGIN, UNDO_BEGIN],
  ends: [END, { ...END, seq: 18, renameId: 'r2' }],
  reads: [READ, UNDO_READ],
  effects: [EFFECT, UNDO_EFFECT],
  rows: rows(),
  asked: [asks(), undoAsked],
};
const ONLY_ITS_OWN = 'an undo takes back only the name that it undoes';

describe('the judge of undos', () => {
  it.each<{ case: string; evidence: Partial<Evidence> }>([
    { case: 'a sound undo', evidence: {} },
    {
      case: 'a change by a person between its reading and its effect',
      evidence: { edits: [{ ...EDIT, seq: 16 }] },
    },
    {
      case: 'a change by a person while it was reading',
      evidence: { edits: [{ ...EDIT, seq: 14 }] },
    },
    {
      case: 'a name that a person has given again before',
      evidence: {
        edits: [
          { ...EDIT, seq: 9 },
          { ...EDIT, seq: 10, shown: 'v1' },
        ],
      },
    },
  ])('finds nothing in $case', ({ evidence }) => {
    expect(violated({ ...SOUND, ...evidence })).toEqual([]);
  });

  it.each<FoundCase>([
    {
      case: "a person's name that was taken away",
      evidence: { edits: [{ ...EDIT, seq: 10 }] },
      invariants: [ONLY_ITS_OWN],
    },
    { case: 'an undo that did not look', evidence: { reads: [READ] }, invariants: [ONLY_ITS_OWN] },
    {
      case: 'an undo whose look failed',
      evidence: { reads: [READ, { ...UNDO_READ, answered: { seq: 15, status: 503 } }] },
      invariants: [ONLY_ITS_OWN],
    },
    {
      case: 'another rename between its reading and its effect',
      evidence: {
        begins: [BEGIN, UNDO_BEGIN, { ...BEGIN, renameId: 'r3' }],
        effects: [EFFECT, { ...EFFECT, seq: 16, name: 'v3', shown: 'v3', traceId: 't3' }, UNDO_EFFECT],
        rows: [...rows(), ...rowsOf({ renameId: 'r3', requestedName: 'v3', traceId: 't3' })],
        asked: [asks(), undoAsked, asks({ name: 'v3', attempts: [{ ...lost, traceId: 't3' }] })],
      },
      invariants: [ONLY_ITS_OWN],
    },
    {
      case: 'an undo to another name than the record tells',
      evidence: { rows: rows({ previousName: null }) },
      invariants: [
        'an undo gives back what the record tells',
        'a 200 agrees with its record',
        'every record was asked for',
      ],
    },
    {
      case: 'an undo of a rename that did not succeed',
      evidence: {
        effects: [UNDO_EFFECT],
        edits: [{ ...EDIT, seq: 9, shown: 'v1' }],
        rows: rows({ status: 'not_applied' }),
        asked: [asks({ attempts: [lost] }), undoAsked],
      },
      invariants: ['an undo gives back what the record tells'],
    },
    {
      case: 'a rename that was undone twice',
      evidence: {
        begins: [BEGIN, UNDO_BEGIN, { ...BEGIN, seq: 20, renameId: 'r3' }],
        edits: [{ ...EDIT, seq: 20, shown: 'v1' }],
        reads: [READ, UNDO_READ, { ...READ, seq: 21, traceId: 't3', answered: { seq: 22, status: 200 } }],
        effects: [EFFECT, UNDO_EFFECT, { ...UNDO_EFFECT, seq: 23, traceId: 't3' }],
        rows: [...rows(), ...rowsOf({ ...UNDO_ROW, renameId: 'r3', traceId: 't3' })],
        asked: [
          asks(),
          { ...undoAsked, attempts: [told, { ...lost, startedSeq: 20, endedSeq: 24, traceId: 't3' }] },
        ],
      },
      invariants: [
        'a rename is undone once',
        'one request has at most one effect',
        'a repeat undoes nothing that others did',
      ],
    },
  ])('finds $case', ({ evidence, invariants }) => {
    expect(violated({ ...SOUND, ...evidence }).toSorted()).toEqual([...invariants].toSorted());
  });
});

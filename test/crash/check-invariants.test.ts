import { describe, expect, it } from 'vitest';
import { checkInvariants } from './check-invariants.ts';
import type { Asked, Attempt, Evidence, Row } from './evidence.ts';
import type { Invariant } from './violation.ts';

const PROJECT = 'project';
const ITERATION = 'iteration';
const PLACE = { projectId: PROJECT, iterationId: ITERATION };

const RECORD = {
  renameId: 'r1',
  iterationId: ITERATION,
  requestedName: 'v1',
  status: 'succeeded',
  trigger: 'http',
  traceId: 't1',
  evidence: 'response',
};

/** More properties for the row of a record. */
type More = Partial<typeof RECORD> & Readonly<Record<string, unknown>>;

/** An attempt without an answer. */
const lost: Attempt = {
  traceId: 't1',
  startedSeq: 1,
  endedSeq: 9,
  tookMs: 500,
  status: null,
  renameId: null,
  name: null,
};

function rowsOf(properties: More = {}): [Row, Row] {
  const record = { ...RECORD, ...properties };
  const { renameId, iterationId } = record;
  return [
    { partitionKey: PROJECT, rowKey: `rename|${renameId}`, etag: '1', timestamp: '1', ...record },
    { partitionKey: PROJECT, rowKey: `iteration|${iterationId}|${renameId}`, etag: '2', ...record },
  ];
}

function asks(more: Partial<Asked> = {}): Asked {
  const attempts = [{ ...lost, status: 200, renameId: 'r1', name: 'v1' }];
  return { by: 'caller', ...PLACE, name: 'v1', key: null, attempts, ...more };
}

const EFFECT = { seq: 3, atMs: 3000, ...PLACE, name: 'v1', shown: 'v1', traceId: 't1' };
const BEGIN = { seq: 2, atMs: 2000, renameId: 'r1' };
const END = { seq: 8, renameId: 'r1', endsClaim: false };
const EDIT = { seq: 4, atMs: 4000, ...PLACE, shown: 'by a person' };

/** One caller and one sound rename, with parts of it replaced. */
function evidenceWith(more: Partial<Evidence> = {}): Evidence {
  return {
    seeded: [{ iterationId: ITERATION, name: 'v0' }],
    shortestTimeoutMs: 1000,
    begins: [BEGIN],
    ends: [END],
    effects: [EFFECT],
    edits: [],
    reads: [],
    rows: rowsOf(),
    asked: [asks()],
    ...more,
  };
}

const violated = (more: Partial<Evidence>): Invariant[] => [
  ...new Set(checkInvariants(evidenceWith(more)).map(({ invariant }) => invariant)),
];

const delivery = (more: Partial<Asked> = {}): Asked =>
  asks({
    by: 'sender',
    key: 'd1',
    attempts: [{ ...lost, status: 202, renameId: 'r1' }],
    ...more,
  });

describe('accepts', () => {
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
    {
      case: 'a second effect without a key where the first answer was lost after its claim had ended',
      evidence: {
        begins: [BEGIN, { ...BEGIN, seq: 10, renameId: 'r2' }],
        ends: [{ ...END, endsClaim: true }],
        effects: [EFFECT, { ...EFFECT, seq: 11, traceId: 't2' }],
        rows: [...rowsOf(), ...rowsOf({ renameId: 'r2', traceId: 't2' })],
        asked: [asks({ attempts: [lost, { ...lost, traceId: 't2' }] })],
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
  ])('$case', ({ evidence }) => {
    expect(checkInvariants(evidenceWith(evidence))).toEqual([]);
  });
});

const UNRESOLVED = 'unresolved only where somebody else changed the iteration';

describe('finds', () => {
  it.each<{ case: string; evidence: Partial<Evidence>; invariants: Invariant[] }>([
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
      case: 'an unresolved record of an iteration that nobody else has changed',
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
      case: 'a success without an effect',
      evidence: { effects: [], asked: [asks({ attempts: [lost] })] },
      invariants: ['succeeded if and only if the effect took place'],
    },
    {
      case: 'an effect whose record says not_applied',
      evidence: { rows: rowsOf({ status: 'not_applied' }), asked: [asks({ attempts: [lost] })] },
      invariants: ['succeeded if and only if the effect took place'],
    },
    {
      case: 'two effects of one attempt',
      evidence: { effects: [EFFECT, { ...EFFECT, seq: 4 }] },
      invariants: ['one request has at most one effect'],
    },
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
  ])('$case', ({ evidence, invariants }) => {
    expect(violated(evidence).toSorted()).toEqual(invariants.toSorted());
  });

  it.each([400, 409, 422, 429, 503])('an effect after a %i', (status) => {
    const asked = [asks({ attempts: [{ ...lost, status }] })];
    expect(violated({ asked })).toEqual(['a refusal had no effect']);
  });

  it('describes a violation with the ids that lead to it', () => {
    const [violation] = checkInvariants(evidenceWith({ effects: [], asked: [asks({ attempts: [lost] })] }));
    expect(violation?.found).toBe(
      'record r1: iteration iteration, "v1" is succeeded, but the name was never taken',
    );
  });
});

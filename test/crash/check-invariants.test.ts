import { describe, expect, it } from 'vitest';
import { checkInvariants, type Invariant } from './check-invariants.ts';
import type { Asked, Evidence, Row } from './evidence.ts';

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

function rowsOf(properties: Partial<typeof RECORD> = {}): [Row, Row] {
  const record = { ...RECORD, ...properties };
  const { renameId, iterationId } = record;
  return [
    { partitionKey: PROJECT, rowKey: `rename|${renameId}`, etag: '1', timestamp: '1', ...record },
    { partitionKey: PROJECT, rowKey: `iteration|${iterationId}|${renameId}`, etag: '2', ...record },
  ];
}

function asks(more: Partial<Asked> = {}): Asked {
  const attempts = [{ traceId: 't1', status: 200, renameId: 'r1', name: 'v1' }];
  return { by: 'caller', ...PLACE, name: 'v1', key: null, attempts, ...more };
}

const EFFECT = { seq: 2, ...PLACE, name: 'v1', traceId: 't1' };

/** One caller and one sound rename, with parts of it replaced. */
function evidenceWith(more: Partial<Evidence> = {}): Evidence {
  return {
    begins: [{ seq: 1, renameId: 'r1' }],
    effects: [EFFECT],
    rows: rowsOf(),
    asked: [asks()],
    ...more,
  };
}

const violated = (more: Partial<Evidence>): Invariant[] => [
  ...new Set(checkInvariants(evidenceWith(more)).map(({ invariant }) => invariant)),
];

const lost = { traceId: 't1', status: null, renameId: null, name: null };
const delivery = (more: Partial<Asked> = {}): Asked =>
  asks({
    by: 'sender',
    key: 'd1',
    attempts: [{ traceId: 't1', status: 202, renameId: 'r1', name: null }],
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
        begins: [
          { seq: 1, renameId: 'r0' },
          { seq: 2, renameId: 'r1' },
        ],
        effects: [{ ...EFFECT, seq: 3 }],
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
  ])('$case', ({ evidence }) => {
    expect(checkInvariants(evidenceWith(evidence))).toEqual([]);
  });
});

describe('finds', () => {
  it.each<{ case: string; evidence: Partial<Evidence>; invariants: Invariant[] }>([
    {
      case: 'an effect before its record',
      evidence: { begins: [{ seq: 3, renameId: 'r1' }] },
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
      case: 'an unresolved record',
      evidence: {
        effects: [],
        rows: rowsOf({ status: 'unresolved' }),
        asked: [asks({ attempts: [lost] })],
      },
      invariants: ['no record stays pending'],
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
      evidence: { effects: [EFFECT, { ...EFFECT, seq: 3 }] },
      invariants: ['one request has at most one effect'],
    },
    {
      case: 'two effects of one key',
      evidence: {
        begins: [
          { seq: 1, renameId: 'r1' },
          { seq: 3, renameId: 'r2' },
        ],
        effects: [EFFECT, { ...EFFECT, seq: 4, traceId: 't2' }],
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
        asked: [asks({ attempts: [{ traceId: 't1', status: 200, renameId: 'r9', name: 'v1' }] })],
      },
      invariants: ['a 200 agrees with its record'],
    },
    {
      case: 'a 200 with another name',
      evidence: {
        asked: [asks({ attempts: [{ traceId: 't1', status: 200, renameId: 'r1', name: 'v9' }] })],
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
            attempts: [...asks().attempts, { traceId: 't2', status: 200, renameId: 'r2', name: 'v1' }],
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
            attempts: [...delivery().attempts, { traceId: 't2', status: 202, renameId: 'r2', name: null }],
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

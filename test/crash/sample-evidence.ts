import { checkInvariants } from './check-invariants.ts';
import type { Asked, Attempt, Evidence, Row } from './evidence.ts';
import type { Invariant } from './violation.ts';

export const PROJECT = 'project';
export const ITERATION = 'iteration';
export const PLACE = { projectId: PROJECT, iterationId: ITERATION };

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
export const lost: Attempt = {
  traceId: 't1',
  startedSeq: 1,
  endedSeq: 9,
  tookMs: 500,
  status: null,
  renameId: null,
  name: null,
};

export function rowsOf(properties: More = {}): [Row, Row] {
  const record = { ...RECORD, ...properties };
  const { renameId, iterationId } = record;
  return [
    { partitionKey: PROJECT, rowKey: `rename|${renameId}`, etag: '1', timestamp: '1', ...record },
    { partitionKey: PROJECT, rowKey: `iteration|${iterationId}|${renameId}`, etag: '2', ...record },
  ];
}

export function asks(more: Partial<Asked> = {}): Asked {
  const attempts = [{ ...lost, status: 200, renameId: 'r1', name: 'v1' }];
  return { by: 'caller', ...PLACE, name: 'v1', key: null, attempts, ...more };
}

export const EFFECT = { seq: 3, atMs: 3000, ...PLACE, name: 'v1', shown: 'v1', traceId: 't1' };
export const READ = { seq: 2.5, traceId: 't1', answered: { seq: 2.7, status: 200 } };
export const BEGIN = { seq: 2, atMs: 2000, renameId: 'r1' };
export const END = { seq: 8, renameId: 'r1' };
export const CLAIM_END = { seq: 8, renameId: 'r1' };
export const EDIT = { seq: 4, atMs: 4000, ...PLACE, shown: 'by a person' };

/** One caller and one sound rename, with parts of it replaced. */
export function evidenceWith(more: Partial<Evidence> = {}): Evidence {
  return {
    seeded: [{ iterationId: ITERATION, name: 'v0' }],
    shortestTimeoutMs: 1000,
    begins: [BEGIN],
    ends: [END],
    claimEnds: [],
    effects: [EFFECT],
    edits: [],
    reads: [],
    rows: rowsOf(),
    asked: [asks()],
    ...more,
  };
}

export const violated = (more: Partial<Evidence>): Invariant[] => [
  ...new Set(checkInvariants(evidenceWith(more)).map(({ invariant }) => invariant)),
];

export const delivery = (more: Partial<Asked> = {}): Asked =>
  asks({
    by: 'sender',
    key: 'd1',
    attempts: [{ ...lost, status: 202, renameId: 'r1' }],
    ...more,
  });

/** Evidence of a fault, and all invariants that must find it. */
export interface FoundCase {
  readonly case: string;
  readonly evidence: Partial<Evidence>;
  readonly invariants: readonly Invariant[];
}

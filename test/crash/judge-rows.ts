import { describeRecord } from './describe.ts';
import type { Evidence, Row } from './evidence.ts';
import { groupKey } from './match.ts';
import type { SortedRows } from './rows.ts';
import { type Violation, violation } from './violation.ts';

/** Whether the rows agree with each other, and each has a reason to be there. */
export function judgeRows(evidence: Evidence, sorted: SortedRows): Violation[] {
  return [
    ...differingCopies(sorted),
    ...sorted.locks.map(({ rowKey, renameId }) =>
      violation('no lock is left', `${rowKey}, leased by the rename ${String(renameId)}`),
    ),
    ...sorted.accepted.map(({ rowKey }) =>
      violation('no accepted rename is left', `${rowKey}: each sweep enqueues it`),
    ),
    ...danglingClaims(sorted),
    ...unaskedRecords(evidence, sorted),
  ];
}

function differingCopies({ records, copies }: SortedRows): Violation[] {
  const keys = new Set(
    records.map(({ projectId, iterationId, renameId }) => copyKey(projectId, iterationId, renameId)),
  );
  const orphans = [...copies.keys()].filter((key) => !keys.has(key));
  return [
    ...orphans.map((key) => violation('both copies of a record are equal', `${key} has no record`)),
    ...records.flatMap((record) => {
      const copy = copies.get(copyKey(record.projectId, record.iterationId, record.renameId));
      if (copy === undefined)
        return violation('both copies of a record are equal', `${describeRecord(record)} has no copy`);
      const [ours, theirs] = [contentOf(record.row), contentOf(copy)];
      const differing = [...new Set([...ours.keys(), ...theirs.keys()])].filter(
        (property) => ours.get(property) !== theirs.get(property),
      );
      if (differing.length === 0) return [];
      return violation(
        'both copies of a record are equal',
        `${describeRecord(record)} differs in ${differing.join(', ')}`,
      );
    }),
  ];
}

function danglingClaims({ claims, records }: SortedRows): Violation[] {
  return claims
    .filter((claim) => !records.some(({ renameId }) => renameId === claim['renameId']))
    .map(({ rowKey, renameId }) =>
      violation('a claim points to a record', `${rowKey} points to ${String(renameId)}`),
    );
}

function unaskedRecords({ asked }: Evidence, { records }: SortedRows): Violation[] {
  const wanted = new Set(asked.map(groupKey));
  return records
    .filter(({ requestedName, ...record }) => !wanted.has(groupKey({ ...record, name: requestedName })))
    .map((record) => violation('every record was asked for', describeRecord(record)));
}

function copyKey(projectId: string, iterationId: string, renameId: string): string {
  return `${projectId} iteration|${iterationId}|${renameId}`;
}

/** The row's key, the table's own properties, and what the app notes on the record's row alone. */
const OF_ONE_ROW = new Set(['rowKey', 'etag', 'timestamp', 'isGivenUp', 'begunAt']);

function contentOf(row: Row): Map<string, unknown> {
  return new Map(
    Object.entries(row)
      .filter(([property]) => !OF_ONE_ROW.has(property))
      .map(([property, value]) => [
        property === 'copiedStatus' ? 'status' : property,
        value instanceof Date ? value.getTime() : value,
      ]),
  );
}

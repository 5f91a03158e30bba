import type { Asked, Evidence } from './evidence.ts';
import { judgeAnswers } from './judge-answers.ts';
import { judgeDeliveries } from './judge-deliveries.ts';
import { judgeRecords } from './judge-records.ts';
import { judgeRequests } from './judge-requests.ts';
import { judgeRows } from './judge-rows.ts';
import { judgeUndos } from './judge-undos.ts';
import { type SortedRows, sortRows } from './rows.ts';
import type { Violation } from './violation.ts';

/** Judges by the evidence alone: it knows nothing of the app or of the kills. */
export function checkInvariants(seen: Evidence): Violation[] {
  const sorted = sortRows(seen);
  const evidence = { ...seen, asked: seen.asked.map((one) => withNameOfUndo(one, sorted)) };
  return [
    ...judgeRecords(evidence, sorted),
    ...judgeRequests(evidence, sorted),
    ...judgeRows(evidence, sorted),
    ...judgeAnswers(evidence, sorted),
    ...judgeDeliveries(evidence, sorted),
    ...judgeUndos(evidence, sorted),
  ];
}

/** Who asks for an undo names a rename: the name that they ask for is on its record. */
function withNameOfUndo(one: Asked, { records }: SortedRows): Asked {
  if (one.undoes === undefined) return one;
  return { ...one, name: records.find(({ renameId }) => renameId === one.undoes)?.previousName ?? one.name };
}

import type { Evidence } from './evidence.ts';
import { judgeAnswers } from './judge-answers.ts';
import { judgeDeliveries } from './judge-deliveries.ts';
import { judgeRecords } from './judge-records.ts';
import { judgeRequests } from './judge-requests.ts';
import { judgeRows } from './judge-rows.ts';
import { sortRows } from './rows.ts';
import type { Violation } from './violation.ts';

/** Judges by the evidence alone: it knows nothing of the app or of the kills. */
export function checkInvariants(evidence: Evidence): Violation[] {
  const sorted = sortRows(evidence);
  return [
    ...judgeRecords(evidence, sorted),
    ...judgeRequests(evidence, sorted),
    ...judgeRows(evidence, sorted),
    ...judgeAnswers(evidence, sorted),
    ...judgeDeliveries(evidence, sorted),
  ];
}

import type { AuditRecord } from '../rename/audit-record.ts';
import { type ApiAnswer, ApiError, isRecordOf, jsonOf, stringIn } from './api-answer.ts';

export interface ListedProject {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
}

export interface ListedIteration {
  readonly id: string;
  readonly name: string;
  readonly status: string | null;
  readonly created: string | null;
  readonly trainedAt: string | null;
  readonly publishName: string | null;
}

export interface RecordsPage {
  readonly records: readonly AuditRecord[];
  /** Leads to older records; null at the end. */
  readonly continuation: string | null;
}

/** These throw an `ApiError` on any other answer: a gateway's page, say. */
export function parseResources(answer: ApiAnswer): string[] {
  return listIn(answer, 'resources').map((resource) => stringIn(resource, 'name') ?? fail(answer));
}

export function parseProjects(answer: ApiAnswer): ListedProject[] {
  return arrayOf(answer, jsonOf(answer)).map((project) => ({
    id: stringIn(project, 'id') ?? fail(answer),
    name: stringIn(project, 'name') ?? '',
    description: stringIn(project, 'description'),
  }));
}

/** The newest first. */
export function parseIterations(answer: ApiAnswer): ListedIteration[] {
  const iterations = arrayOf(answer, jsonOf(answer)).map((iteration) => ({
    id: stringIn(iteration, 'id') ?? fail(answer),
    name: stringIn(iteration, 'name') ?? '',
    status: stringIn(iteration, 'status'),
    created: stringIn(iteration, 'created'),
    trainedAt: stringIn(iteration, 'trainedAt'),
    publishName: stringIn(iteration, 'publishName'),
  }));
  // Reversed, since the service lists the oldest first, and some may be created in the same moment.
  return iterations.toReversed().toSorted((a, b) => (b.created ?? '').localeCompare(a.created ?? ''));
}

export function parseRecords(answer: ApiAnswer): RecordsPage {
  const records = listIn(answer, 'renames');
  if (!records.every(isAuditRecord)) return fail(answer);
  return { records, continuation: stringIn(jsonOf(answer), 'continuation') };
}

export function parseRecord(answer: ApiAnswer): AuditRecord {
  const record = jsonOf(answer);
  return isAuditRecord(record) ? record : fail(answer);
}

/** The proxy's own answers are held to its description by its tests; this tells them from anything else. */
function isAuditRecord(value: unknown): value is AuditRecord {
  return stringIn(value, 'renameId') !== null && isRecordOf(value) && isRecordOf(value['caller']);
}

function listIn(answer: ApiAnswer, property: string): unknown[] {
  const value = jsonOf(answer);
  return arrayOf(answer, isRecordOf(value) ? value[property] : null);
}

function arrayOf(answer: ApiAnswer, value: unknown): unknown[] {
  return Array.isArray(value) ? value : fail(answer);
}

function fail(answer: ApiAnswer): never {
  throw new ApiError(answer);
}

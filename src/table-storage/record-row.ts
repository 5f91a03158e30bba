import {
  type AuditRecord,
  type Caller,
  PENDING,
  type RenameIntent,
  type RenameOutcome,
  type RenameStatus,
  type Trigger,
} from '../rename/audit-record.ts';
import type { Parties } from '../rename/queued/accepted-log.ts';

/** A row's own properties; one that is null in the record is left out of the row. */
export type RowProperties = Record<string, string | number | boolean | bigint | Date>;

export function intentProperties({ caller, requestedAt, ...intent }: RenameIntent): RowProperties {
  return withoutNulls({
    ...intent,
    requestedAt: new Date(requestedAt),
    status: 'pending',
    callerKind: caller.kind,
    callerId: caller.id,
    callerName: caller.name,
  });
}

/** A duration may pass 2^31 ms: as a plain number the service might refuse it. */
export function outcomeProperties({ completedAt, durationMs, ...outcome }: RenameOutcome): RowProperties {
  return withoutNulls({ ...outcome, completedAt: new Date(completedAt), durationMs: BigInt(durationMs) });
}

/**
 * The properties of a record's copy. Its status has another name: a count of the table by `status` counts
 * each rename once.
 */
export function copiedProperties({ status, ...others }: RowProperties): RowProperties {
  return status === undefined ? others : { ...others, copiedStatus: status };
}

/** Whether the row holds these values, as the table gives them back. */
export function hasProperties(row: Readonly<Record<string, unknown>>, properties: RowProperties): boolean {
  return Object.entries(properties).every(([property, value]) => {
    const kept = row[property];
    return kept instanceof Date && value instanceof Date
      ? kept.getTime() === value.getTime()
      : kept === value;
  });
}

/**
 * Reads a record back, from its row or its copy. Rows of earlier versions hold times as text and durations as
 * plain numbers, and their copies a `status`. Throws where the row is not one of ours.
 */
export function parseRecordRow(row: Readonly<Record<string, unknown>>): AuditRecord {
  const text = (property: string): string => {
    const value = row[property];
    if (typeof value !== 'string') throw new TypeError(`the record has no ${property}`);
    return value;
  };
  const textOrNull = (property: string): string | null => {
    const value = row[property];
    return typeof value === 'string' ? value : null;
  };
  const time = (property: string): string => {
    const value = row[property];
    return value instanceof Date ? value.toISOString() : text(property);
  };
  const numberOrNull = (property: string): number | null => {
    const value = row[property];
    if (typeof value === 'bigint') return Number(value);
    return typeof value === 'number' ? value : null;
  };

  const intent: RenameIntent = {
    renameId: text('renameId'),
    resource: text('resource'),
    endpointHost: text('endpointHost'),
    apiVersion: text('apiVersion'),
    projectId: text('projectId'),
    iterationId: text('iterationId'),
    requestedName: text('requestedName'),
    caller: {
      kind: oneOf<Caller['kind']>(CALLER_KINDS, text('callerKind')),
      id: text('callerId'),
      name: textOrNull('callerName'),
    },
    trigger: oneOf<Trigger>(TRIGGERS, text('trigger')),
    traceId: textOrNull('traceId'),
    requestedAt: time('requestedAt'),
    replaces: textOrNull('replaces'),
    undoes: textOrNull('undoes'),
  };
  const status = oneOf<RenameStatus>(STATUSES, textOrNull('copiedStatus') ?? text('status'));
  if (status === 'pending') return { ...intent, ...PENDING };
  const evidence = textOrNull('evidence');
  return {
    ...intent,
    status,
    previousName: textOrNull('previousName'),
    appliedName: textOrNull('appliedName'),
    completedAt: time('completedAt'),
    durationMs: numberOrNull('durationMs') ?? 0,
    attempts: numberOrNull('attempts'),
    upstreamStatus: numberOrNull('upstreamStatus'),
    upstreamCode: textOrNull('upstreamCode'),
    upstreamMessage: textOrNull('upstreamMessage'),
    upstreamRequestId: textOrNull('upstreamRequestId'),
    evidence: evidence === null ? null : oneOf<'response' | 'state'>(['response', 'state'], evidence),
  };
}

/** Whom the access policy must grant a queued rename; none where the row does not tell. */
export function parseParties(row: Readonly<Record<string, unknown>>): Parties {
  const { parties } = row;
  const value: unknown = typeof parties === 'string' ? JSON.parse(parties) : [];
  return Array.isArray(value) ? value.filter(isTexts) : [];
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

const CALLER_KINDS = [
  'caller-key',
  'entra-application',
  'entra-user',
  'function-key',
  'webhook',
  'training',
] as const;
const TRIGGERS = ['http', 'webhook', 'training'] as const;
const STATUSES = ['pending', 'succeeded', 'rejected', 'not_applied', 'unresolved'] as const;

function oneOf<T extends string>(values: readonly T[], value: string): T {
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw new TypeError(`the record has an unknown value: ${value}`);
  return found;
}

function withoutNulls(properties: Readonly<Record<string, RowProperties[string] | null>>): RowProperties {
  const kept: RowProperties = {};
  for (const [property, value] of Object.entries(properties)) if (value !== null) kept[property] = value;
  return kept;
}

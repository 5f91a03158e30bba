import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { RenameIntent, RenameOutcome } from '../../src/rename/audit-record.ts';
import {
  copiedProperties,
  hasProperties,
  intentProperties,
  outcomeProperties,
  parseRecordRow,
} from '../../src/table-storage/record-row.ts';

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const text = fc.string({ unit: 'grapheme', minLength: 1 });
const time = fc
  .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true })
  .map((date) => date.toISOString());

const intent: fc.Arbitrary<RenameIntent> = fc.record({
  renameId: text,
  resource: text,
  endpointHost: text,
  apiVersion: text,
  projectId: text,
  iterationId: text,
  requestedName: text,
  caller: fc.record({
    kind: fc.constantFrom('entra-application', 'entra-user', 'function-key', 'webhook', 'training'),
    id: text,
    name: orNull(text),
  }),
  trigger: fc.constantFrom('http', 'webhook', 'training'),
  traceId: orNull(text),
  requestedAt: time,
  replaces: orNull(text),
  undoes: orNull(text),
});

const outcome: fc.Arbitrary<RenameOutcome> = fc.record({
  status: fc.constantFrom('succeeded', 'rejected', 'not_applied', 'unresolved'),
  previousName: orNull(text),
  appliedName: orNull(text),
  completedAt: time,
  durationMs: fc.maxSafeNat(),
  attempts: orNull(fc.nat()),
  upstreamStatus: orNull(fc.nat()),
  upstreamCode: orNull(text),
  upstreamMessage: orNull(text),
  upstreamRequestId: orNull(text),
  evidence: orNull(fc.constantFrom('response', 'state')),
});

describe('a record', () => {
  test.prop([intent, outcome])('is read back as it was written', (begun, ended) => {
    const row = { ...intentProperties(begun), ...outcomeProperties(ended) };
    expect(parseRecordRow(row)).toEqual({ ...begun, ...ended });
    for (const value of Object.values(row)) expect(value).not.toBeNull();
  });

  test.prop([intent, outcome])('is read from its copy, and from rows of earlier versions', (begun, ended) => {
    const row = { ...intentProperties(begun), ...outcomeProperties(ended) };
    expect(parseRecordRow(copiedProperties(row))).toEqual({ ...begun, ...ended });
    const { requestedAt } = begun;
    const { completedAt, durationMs } = ended;
    const earlier = { ...row, requestedAt, completedAt, durationMs };
    expect(parseRecordRow(earlier)).toEqual({ ...begun, ...ended });
  });

  test.prop([intent, outcome])('is told from another as the table gives it back', (begun, ended) => {
    const properties = { ...intentProperties(begun), ...outcomeProperties(ended) };
    const completedAt = new Date(ended.completedAt);
    expect(hasProperties({ ...properties, completedAt }, properties)).toBe(true);
    const later = new Date(completedAt.getTime() + 1);
    expect(hasProperties({ ...properties, completedAt: later }, properties)).toBe(false);
  });

  test.prop([intent])('has no outcome while it is pending', (begun) => {
    const record = parseRecordRow(intentProperties(begun));
    expect(record).toMatchObject({
      ...begun,
      status: 'pending',
      completedAt: null,
      attempts: null,
      evidence: null,
    });
  });

  it.each([
    { case: 'a missing property', change: { requestedName: undefined } },
    { case: 'an unknown status', change: { status: 'renamed' } },
    { case: 'a caller of an unknown kind', change: { callerKind: 'robot' } },
    { case: 'an unknown trigger', change: { trigger: 'cron' } },
    {
      case: 'evidence of an unknown kind',
      change: { status: 'succeeded', completedAt: 'x', evidence: 'rumour' },
    },
  ])('with $case is refused', ({ change }) => {
    const [begun] = fc.sample(intent, 1);
    if (begun === undefined) throw new Error('no sample');
    expect(() => parseRecordRow({ ...intentProperties(begun), ...change })).toThrow(TypeError);
  });
});

import { describe, expect, it } from 'vitest';
import { parseTraceContext } from '../../src/http/trace-context.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('a traceparent', () => {
  it('is forwarded unchanged, and its trace id is recorded', () => {
    const traceparent = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
    expect(parseTraceContext(traceparent)).toEqual({ traceparent, traceId: TRACE_ID });
  });

  it('is the first that can be forwarded, since the host may give an empty one', () => {
    const traceparent = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
    expect(parseTraceContext('', traceparent)).toEqual({ traceparent, traceId: TRACE_ID });
    expect(parseTraceContext(traceparent, `00-${'1'.repeat(32)}-00f067aa0ba902b7-01`).traceId).toBe(TRACE_ID);
  });

  it.each([
    null,
    undefined,
    '',
    TRACE_ID,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `00-${TRACE_ID.toUpperCase()}-00f067aa0ba902b7-01`,
    `01-${TRACE_ID}-00f067aa0ba902b7-01`,
    `00-${TRACE_ID}-00f067aa0ba902b7-01\r\nx-more: 1`,
    `00-${TRACE_ID}-00f067aa0ba902b7-01-more`,
  ])('that is malformed is dropped: %j', (traceparent) => {
    expect(parseTraceContext(traceparent)).toEqual({ traceparent: null, traceId: null });
  });
});

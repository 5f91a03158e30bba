/** W3C Trace Context, version 00: the ids of all zeros are not valid. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export interface TraceContext {
  readonly traceparent: string | null;
  readonly traceId: string | null;
}

/**
 * The first well-formed one; null where there is none. Pass the host's own first, which continues the
 * caller's trace, and then the request's header: without Application Insights the host gives an empty string.
 */
export function parseTraceContext(...traceparents: readonly (string | null | undefined)[]): TraceContext {
  for (const traceparent of traceparents) {
    const [whole, traceId] = TRACEPARENT.exec(traceparent ?? '') ?? [];
    if (whole !== undefined && traceId !== undefined) return { traceparent: whole, traceId };
  }
  return { traceparent: null, traceId: null };
}

/** W3C Trace Context, version 00: the ids of all zeros are not valid. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

export interface TraceContext {
  readonly traceparent: string | null;
  readonly traceId: string | null;
}

/** The caller's trace context; null where it is missing or malformed. */
export function parseTraceContext(traceparent: string | null | undefined): TraceContext {
  const match = TRACEPARENT.exec(traceparent ?? '');
  return { traceparent: match?.[0] ?? null, traceId: match?.[1] ?? null };
}

import type { AnsweredExchange } from '../outbound/send-request.ts';

/** The service and its gateway name a request in one of these; their support asks for it. */
export const REQUEST_ID_HEADERS = ['apim-request-id', 'x-ms-request-id', 'request-id'];
const REQUEST_ID = /^[\w.:-]{1,128}$/;

export function requestIdOf(answered: AnsweredExchange): string | null {
  const ids = REQUEST_ID_HEADERS.map((name) => answered.header(name));
  return ids.find((id) => id !== null && REQUEST_ID.test(id)) ?? null;
}

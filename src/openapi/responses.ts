const retryAfter = {
  'Retry-After': {
    description: 'Seconds to wait before the next attempt.',
    schema: { type: 'integer', minimum: 0 },
  },
} as const;

const onRecord = {
  'Rename-Id': { description: 'The audit record, where one was begun.', schema: { type: 'string' } },
  Location: { description: 'Where the audit record is read.', schema: { type: 'string' } },
} as const;

/** Every refusal, by the name that operations refer to. */
export const RESPONSES = {
  BadRequest: error('The request is malformed; `details` lists every fault at once.'),
  Unauthorized: {
    ...error(
      'No credential, or not a valid one. A bad function key is answered by the platform, without a body.',
    ),
    headers: { 'WWW-Authenticate': { description: 'RFC 6750.', schema: { type: 'string' } } },
  },
  Forbidden: error('No grant allows this caller to do this, whether or not the project exists.'),
  NotFound: error('No such resource, project, iteration or record.', onRecord),
  Conflict: error(
    'The iteration is being renamed by another request, or the first one with this key is; or a rename cannot be undone: it is under way, it did not succeed, or the iteration has another name now.',
    { ...retryAfter, ...onRecord },
  ),
  LengthRequired: error('The body came in chunks, without a length. The message says how to send one.'),
  PayloadTooLarge: error('The body is too large.'),
  UnsupportedMediaType: error('The media type of the body is not supported.'),
  UnprocessableContent: error(
    'The idempotency key was used for another request, or no previous name is known to give back.',
    onRecord,
  ),
  TooManyRequests: error('Too many requests here or upstream; nothing was renamed.', {
    ...retryAfter,
    ...onRecord,
  }),
  UpstreamRefusal: error('What Custom Vision itself refused, with its status, code and message.', onRecord),
  Unexpected: error('An unexpected error. See the log of the proxy.'),
  BadGateway: error(
    "Custom Vision could not be reached, refused this proxy's own access, or gave no usable answer. Where its outcome is open, the same request gets this answer again after `Retry-After`, or the outcome.",
    { ...retryAfter, ...onRecord },
  ),
  Unavailable: error('The key vault or the audit store is not available; nothing was renamed.', {
    ...retryAfter,
    ...onRecord,
  }),
  LookUpThrottled: error('Too many requests here or upstream; nothing was looked up.', retryAfter),
  LookUpFailed: error(
    "Custom Vision could not be reached, refused this proxy's own access, or gave no usable answer, or one that is too large.",
  ),
  LookUpUnavailable: error('The key vault is not available; nothing was looked up.', retryAfter),
  LookUpUnanswered: error('Custom Vision gave no answer in time.'),
  GatewayTimeout: error(
    'No answer in time: the audit record shows the outcome, and so does the same request after `Retry-After`.',
    { ...retryAfter, ...onRecord },
  ),
} as const;

export type ResponseName = keyof typeof RESPONSES;

function error(description: string, headers: Readonly<Record<string, object>> = {}) {
  const schema = { $ref: '#/components/schemas/CustomVisionError' };
  return {
    description,
    headers,
    content: {
      'application/json': { schema },
      'application/xml': { schema },
      'text/xml': { schema },
    },
  };
}

/** Refers to responses by status. */
export function responses(names: Readonly<Record<string, ResponseName>>) {
  return Object.fromEntries(
    Object.entries(names).map(([status, name]) => [status, { $ref: `#/components/responses/${name}` }]),
  );
}

/** One fault of a request: `path` is a JSON pointer into the body, or names a part of the request. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

export type RequestErrorCode =
  | 'malformed_body'
  | 'name_missing'
  | 'name_not_acceptable'
  | 'invalid_ids'
  | 'invalid_request'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'length_required'
  | 'unknown_resource'
  | 'not_found';

/** A mistake of the caller, found before anything was sent or stored. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly code: RequestErrorCode;
  readonly details: readonly Fault[];

  constructor(code: RequestErrorCode, message: string, details: readonly Fault[] = []) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

export function malformedBody(message: string, details: readonly Fault[] = []): RequestError {
  return new RequestError('malformed_body', message, details);
}

import Negotiator from 'negotiator';

const JSON_TYPE = 'application/json';
const XML_TYPES = ['application/xml', 'text/xml'];

/**
 * The media type of the answer: one of `others` where `Accept` prefers it, else JSON, even for a client that
 * accepts neither.
 */
export function preferredMediaType(accept: string | null, others: readonly string[] = XML_TYPES): string {
  if (accept === null || accept === '') return JSON_TYPE;
  return new Negotiator({ headers: { accept } }).mediaType([JSON_TYPE, ...others]) ?? JSON_TYPE;
}

export function isXml(mediaType: string): boolean {
  return XML_TYPES.includes(mediaType);
}

import type { HttpRequest } from '@azure/functions';
import { isObject } from '../json/is-object.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import { decodeUtf8 } from '../text/decode-utf8.ts';
import { readBody } from './read-body.ts';
import { malformedBody } from './request-error.ts';

const MAX_BYTES = 1024;

/** Throws a `RequestError` where the body asks for anything: it must be empty, or `{}`. */
export async function refuseBody(request: Pick<HttpRequest, 'headers' | 'arrayBuffer'>): Promise<void> {
  const text = decodeUtf8(await readBody(request, MAX_BYTES));
  if (text === '') return;
  const body = tryParseJson(text ?? '');
  if (!isObject(body) || Object.keys(body).length > 0) {
    throw malformedBody('This request takes no body: it must be empty, or {}.');
  }
}

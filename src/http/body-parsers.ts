import { parseIterationXml } from '../custom-vision/iteration-xml.ts';
import { findDuplicateKeys } from '../json/find-duplicate-keys.ts';
import { isObject } from '../json/is-object.ts';
import { jsonPointer } from '../json/json-pointer.ts';
import { tryParseJson } from '../json/try-parse-json.ts';
import { inModelCase } from './model-case.ts';
import { malformedBody } from './request-error.ts';

/** Like the other two parsers, throws a `RequestError` for malformed text or a duplicate property. */
export function parseJsonBody(text: string): unknown {
  refuseEmpty(text);
  const value = tryParseJson(text);
  if (value === undefined) throw malformedBody('The body is not valid JSON.');
  refuseDuplicates(findDuplicateKeys(text));
  return isObject(value) ? inModelCase(value) : value;
}

export function parseXmlBody(text: string): unknown {
  refuseEmpty(text);
  try {
    return parseIterationXml(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : '';
    throw malformedBody(`The body is not a valid XML Iteration: ${reason}`);
  }
}

export function parseFormBody(text: string): unknown {
  try {
    for (const [bytes] of text.matchAll(/(?:%[0-9a-f]{2})+/gi)) decodeURIComponent(bytes);
  } catch {
    throw malformedBody('The form is not valid UTF-8.'); // URLSearchParams would replace it with U+FFFD
  }
  const entries = [...new URLSearchParams(text)];
  const seen = new Set<string>();
  const duplicates: string[] = [];
  for (const [key] of entries) {
    if (seen.has(key)) duplicates.push(jsonPointer([key]));
    seen.add(key);
  }
  refuseDuplicates(duplicates);
  return inModelCase(Object.fromEntries(entries));
}

function refuseEmpty(text: string): void {
  if (text === '') throw malformedBody('The body is empty.');
}

function refuseDuplicates(pointers: readonly string[]): void {
  if (pointers.length === 0) return;
  const faults = pointers.map((path) => ({ path, message: 'occurs more than once' }));
  throw malformedBody('The body names a property more than once.', faults);
}

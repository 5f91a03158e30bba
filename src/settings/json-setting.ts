import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { findDuplicateKeys } from '../json/find-duplicate-keys.ts';
import { tryParseJson } from '../json/try-parse-json.ts';

/**
 * Parses a setting that holds JSON. Each fault is the end of a sentence that begins with the setting's name.
 */
export function parseJsonSetting(text: string): { readonly value: unknown } | { readonly faults: string[] } {
  const value = tryParseJson(text);
  if (value === undefined) return { faults: [` is not valid JSON${placeOfError(text)}`] };
  const duplicates = findDuplicateKeys(text);
  return duplicates.length === 0
    ? { value }
    : { faults: duplicates.map((path) => `${path} occurs more than once`) };
}

/**
 * Only the place: the message of `JSON.parse` quotes the text around it, which may be a secret pasted by
 * mistake.
 */
function placeOfError(text: string): string {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  return first === undefined ? '' : `: ${printParseErrorCode(first.error)} at character ${first.offset + 1}`;
}

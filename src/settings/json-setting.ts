import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { findDuplicateKeys } from '../http/json-duplicate-keys.ts';

/** The value of a setting that holds JSON, or what is wrong with it, as the end of a sentence that begins with the setting's name. */
export function parseJsonSetting(text: string): { readonly value: unknown } | { readonly faults: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { faults: [` is not valid JSON${placeOfError(text)}`] };
  }
  const duplicates = findDuplicateKeys(text);
  return duplicates.length === 0
    ? { value }
    : { faults: duplicates.map((path) => `${path} occurs more than once`) };
}

/** The message of `JSON.parse` would quote the text around the place, and somebody may have pasted a secret into it. */
function placeOfError(text: string): string {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  return first === undefined ? '' : `: ${printParseErrorCode(first.error)} at character ${first.offset + 1}`;
}

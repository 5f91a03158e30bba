import { visit } from 'jsonc-parser';
import { jsonPointer } from './json-pointer.ts';

/**
 * A cut pointer bounds the answer: deep nesting with many duplicates would make it a hundred times the body.
 */
const MAX_POINTER_LENGTH = 200;

/** JSON pointers of the duplicate properties of each object: `JSON.parse` silently keeps the last. */
export function findDuplicateKeys(text: string): string[] {
  const duplicates: string[] = [];
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (key, _offset, _length, _line, _character, pathTo) => {
      const seen = open.at(-1);
      if (seen?.has(key)) duplicates.push(cut(jsonPointer([...pathTo(), key])));
      seen?.add(key);
    },
  });
  return duplicates;
}

function cut(pointer: string): string {
  return pointer.slice(0, MAX_POINTER_LENGTH).toWellFormed();
}

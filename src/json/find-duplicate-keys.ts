import { visit } from 'jsonc-parser';
import { jsonPointer } from './json-pointer.ts';

/** Long pointers are cut: a deeply nested body with many duplicates would make the answer a hundred times its size. */
const MAX_POINTER_LENGTH = 200;

/** JSON pointers of the properties that occur more than once in one object, of which `JSON.parse` silently keeps the last. */
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

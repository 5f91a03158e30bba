import { visit } from 'jsonc-parser';

/** Bodies may nest deeper, and then a pointer for each duplicate would make the answer a hundred times as long. */
const MAX_POINTER_LENGTH = 200;

/** The JSON pointers of properties that valid JSON text names more than once in one object: `JSON.parse` silently keeps the last. */
export function findDuplicateKeys(text: string): string[] {
  const duplicates: string[] = [];
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (key, _offset, _length, _line, _character, pathTo) => {
      const seen = open.at(-1);
      if (seen?.has(key)) duplicates.push(pointer([...pathTo(), key]));
      seen?.add(key);
    },
  });
  return duplicates;
}

/** RFC 6901, section 3. */
function pointer(path: readonly (string | number)[]): string {
  const parts = path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return parts.join('').slice(0, MAX_POINTER_LENGTH).toWellFormed();
}

import { visit } from 'jsonc-parser';

/** The JSON pointers of properties that valid JSON text names more than once in one object: `JSON.parse` silently keeps the last. */
export function findDuplicateKeys(text: string): string[] {
  const duplicates: string[] = [];
  const open: Set<string>[] = [];
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (key, _offset, _length, _line, _character, pathTo) => {
      const seen = open.at(-1);
      if (seen?.has(key)) duplicates.push([...pathTo(), key].map((part) => `/${part}`).join(''));
      seen?.add(key);
    },
  });
  return duplicates;
}

import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.dirname(import.meta.dirname);
const MAX_TABLE_WIDTH = 120;

const documents = globSync(['*.md', '.github/*.md', '{infra,src,test}/**/*.md'], {
  cwd: ROOT,
  exclude: ['**/node_modules/**'],
}).toSorted();
const read = (document: string): string => readFileSync(path.join(ROOT, document), 'utf8');
const withoutCode = (text: string): string => text.replaceAll(/^ *```.*?^ *```$/gms, '');

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function isBroken(document: string, link: string): boolean {
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? document : path.join(path.dirname(document), file);
  if (!documents.includes(target)) return true;
  return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
}

it('finds the documents', () => {
  expect(documents).toEqual(
    expect.arrayContaining(['README.md', '.github/CONTRIBUTING.md', 'src/rename/README.md']),
  );
});

describe.each(documents)('%s', (document) => {
  const text = withoutCode(read(document));

  it('links only to documents and headings that exist', () => {
    const links = [...text.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => isBroken(document, link))).toEqual([]);
  });

  it(`has no table wider than ${MAX_TABLE_WIDTH} characters`, () => {
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    expect(rows.filter((row) => row.length > MAX_TABLE_WIDTH)).toEqual([]);
  });
});

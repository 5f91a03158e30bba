import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const folder = path.join(path.dirname(import.meta.dirname), 'src/console');

/**
 * Writes the console page in its two forms, each one document with all that it needs; the hashes are for its
 * Content-Security-Policy. Only the larger form has the library that signs people in with Entra.
 */
export async function buildConsole(outDir: string): Promise<void> {
  const [template, style] = await Promise.all([
    readFile(path.join(folder, 'console.html'), 'utf8'),
    bundle('console.css'),
  ]);
  const pages = { console: 'keys-page.ts', 'console-entra': 'entra-page.ts' };
  await Promise.all(
    Object.entries(pages).map(async ([name, entry]) => {
      const script = await bundle(entry);
      // Functions, since `$&` in a string would mean something.
      const html = template
        .replaceAll(/^ +/gm, '')
        .replace('<style></style>', () => `<style>${style}</style>`)
        .replace('<script type="module"></script>', () => `<script type="module">${script}</script>`);
      const page = { html, scriptHashes: [hashOf(script)], styleHashes: [hashOf(style)] };
      await writeFile(path.join(outDir, `${name}.json`), JSON.stringify(page));
    }),
  );
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, entry)],
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: ['es2024', 'chrome125', 'firefox128', 'safari18'],
    charset: 'utf8',
    legalComments: 'eof',
  });
  return outputFiles.map(({ text }) => text.trim()).join('');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

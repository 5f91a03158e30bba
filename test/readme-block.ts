import { readFileSync } from 'node:fs';

const README = new URL('../src/webhooks/README.md', import.meta.url);

/**
 * The code block of `src/webhooks/README.md` that is marked with both words: its language, and what it is an
 * example of.
 */
export function readmeBlock(language: string, mark: string): string {
  const readme = readFileSync(README, 'utf8');
  const [, found] = new RegExp(`^\`\`\`${language} ${mark}\n(.*?)^\`\`\`$`, 'ms').exec(readme) ?? [];
  if (found === undefined) throw new Error(`src/webhooks/README.md has no block "${language} ${mark}"`);
  return found;
}

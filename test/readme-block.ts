import { readFileSync } from 'node:fs';

/** The code block of the README that is marked with both words: its language, and what it is an example of. So that examples and product cannot drift apart. */
export function readmeBlock(language: string, mark: string): string {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, found] = new RegExp(`^\`\`\`${language} ${mark}\n(.*?)^\`\`\`$`, 'ms').exec(readme) ?? [];
  if (found === undefined) throw new Error(`the README has no block "${language} ${mark}"`);
  return found;
}

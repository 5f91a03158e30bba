import { readFileSync } from 'node:fs';

/** The README's code block with this language and mark. Tests run it, so that README and product agree. */
export function readmeBlock(language: string, mark: string): string {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, found] = new RegExp(`^\`\`\`${language} ${mark}\n(.*?)^\`\`\`$`, 'ms').exec(readme) ?? [];
  if (found === undefined) throw new Error(`the README has no block "${language} ${mark}"`);
  return found;
}

import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { compileNames } from '../../src/callers/name-pattern.ts';

const MAX_STEP_MS = 50;

/**
 * Published examples, from
 * https://owasp.org/www-community/attacks/Regular_expression_Denial_of_Service_-_ReDoS and the pages that it
 * cites.
 */
const PUBLISHED: readonly string[] = [
  '(a+)+',
  '([a-zA-Z]+)*',
  '(a|aa)+',
  '(a|a?)+',
  '(.*a){11}',
  '(.*a){25}',
  '^(a+)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$',
  "^[a-zA-Z]+(([',.-][a-zA-Z ])?[a-zA-Z]*)*\\s+<(\\w[-._\\w]*\\w@\\w[-._\\w]*\\w\\.\\w{2,3})>$",
  '(x+x+)+y',
  '(.*)*=(.*)*',
  '.*.*=.*',
  '(\\s*,?\\s*)*$',
  '^\\s+|\\s+$',
  '(?:.*;)*x',
  '(\\d+)*\\.(\\d+)*',
  '([a-z0-9]+[ -]?)+',
];

const NAMES = [
  `${'a'.repeat(40)}!`,
  `${'a'.repeat(255)}!`,
  `${'ab '.repeat(85)}!`,
  `${'x'.repeat(255)}z`,
  ` ${' '.repeat(254)}!`,
  `${'0.'.repeat(127)}=`,
  `a@${'a.'.repeat(126)}`,
  'é'.repeat(256),
  '\u{1F600}'.repeat(128),
];

/** Nested and overlapping repetitions, as every published attack is made of. */
const hostilePattern = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', '[a-z]', '\\w', '.', '\\s', '[^x]', 'aa', '\\d', '\\p{L}', 'a?', '(?i)A', ''),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2,9}', '*?', '+?', '{3}'))
      .map(([a, times]) => `(${a})${times}`),
  ),
})).pattern;

/** In ms of this thread's CPU: other programs on the machine do not count. */
function stepMs(step: () => unknown): number {
  const before = process.threadCpuUsage();
  try {
    step();
  } catch {
    // refused: that took its time too
  }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

describe('a pattern of names', () => {
  it('and a name, both hostile, take no step over 50 ms', () => {
    const patterns = [...PUBLISHED, ...fc.sample(hostilePattern, { numRuns: 1000, seed: 1 })];
    expect(patterns.length).toBeGreaterThan(1000);
    compileNames('\\p{L}+\\d')('warm'); // loads tables, once in a process
    const slow: { pattern: string; ms: number }[] = [];
    let accepted = 0;
    for (const pattern of patterns) {
      let matches: ((name: string) => boolean) | null = null;
      const steps = [stepMs(() => (matches = compileNames(pattern)))];
      const check = matches as ((name: string) => boolean) | null;
      if (check !== null) {
        accepted += 1;
        for (const name of NAMES) steps.push(stepMs(() => check(name)));
      }
      const ms = Math.max(...steps);
      if (ms > MAX_STEP_MS) slow.push({ pattern, ms });
    }
    expect(slow).toEqual([]);
    expect(accepted, 'or this would show nothing').toBeGreaterThan(500);
  }, 60_000);

  it('that would take long because of its size is refused', () => {
    expect(() => compileNames('(?:a?){500}a{500}')).toThrow(/too large/);
    expect(() => compileNames(`(?:${'[a-z]?'.repeat(20)}){50}`)).toThrow(/too large/);
  });

  it('is accepted up to a size that no usual one has, and not much beyond it', () => {
    expect(() => compileNames('a'.repeat(450))).not.toThrow();
    expect(() => compileNames('a'.repeat(550))).toThrow(/too large/);
  });

  it.each([
    { pattern: 'v\\d+.*', name: 'v4.1 line-3 approved' },
    { pattern: '(?:release|candidate)-\\d{1,3}', name: 'release-42' },
    { pattern: '\\d{4}-\\d{2}-\\d{2} .{1,100}', name: '2026-01-31 modèle é' },
    { pattern: '[^!]*', name: '\u{1F600} ok' },
    { pattern: '^v\\d$', name: 'v1' },
    { pattern: '\\p{Lu}\\p{Ll}+', name: 'École' },
    { pattern: '(?i)v1', name: 'V1' },
  ])('takes usual ones: $pattern', ({ pattern, name }) => {
    expect(compileNames(pattern)(name)).toBe(true);
    expect(compileNames(pattern)(`${name}\n!`)).toBe(false);
  });
});

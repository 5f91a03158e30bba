import { describe, expect, it } from 'vitest';
import { test } from '@fast-check/vitest';
import { anyText } from '../any-text.ts';
import { iterationNameFaults } from '../../src/rename/iteration-name.ts';

describe('iteration names', () => {
  it.each([
    { case: 'one character', name: 'a' },
    { case: 'the longest', name: 'x'.repeat(256) },
    { case: 'the longest, each outside the basic plane', name: '🚀'.repeat(256) },
    { case: 'spaces inside', name: 'v4.1 line-3 approved' },
    { case: 'composed accents', name: 'caf\u00E9' },
    { case: 'right-to-left letters', name: '\u05E9\u05DC\u05D5\u05DD' },
    { case: 'markup', name: '<b>&amp;' },
  ])('accepts $case', ({ name }) => {
    expect(iterationNameFaults(name)).toEqual([]);
  });

  it.each([
    { case: 'nothing', name: '', fault: 'empty' },
    { case: 'one character too many', name: 'x'.repeat(257), fault: 'at most 256' },
    { case: 'one character too many outside the basic plane', name: '🚀'.repeat(257), fault: 'at most 256' },
    { case: 'a line feed', name: 'a\nb', fault: 'control' },
    { case: 'NUL', name: 'a\u0000b', fault: 'control' },
    { case: 'a C1 control', name: 'a\u0085b', fault: 'control' },
    { case: 'a right-to-left override', name: 'a\u202Eb', fault: 'bidirectional' },
    { case: 'an isolate', name: 'a\u2066b', fault: 'bidirectional' },
    { case: 'an unpaired surrogate', name: 'a\uD800b', fault: 'surrogate' },
    { case: 'a space in front', name: ' a', fault: 'white space' },
    { case: 'a no-break space behind', name: 'a\u00A0', fault: 'white space' },
  ])('refuses $case', ({ name, fault }) => {
    expect(iterationNameFaults(name).join()).toContain(fault);
  });

  it('lists every fault at once', () => {
    expect(iterationNameFaults(`\u202E${'x'.repeat(300)}\n`)).toHaveLength(4);
  });

  test.prop([anyText({ maxLength: 300 })])('whatever passes survives a JSON round trip unchanged', (name) => {
    if (iterationNameFaults(name).length > 0) return;
    expect(JSON.parse(Buffer.from(JSON.stringify(name)).toString('utf8'))).toBe(name);
  });
});

import { describe, expect, it } from 'vitest';
import { createSourceTurns } from '../../src/expressions/source-turns.ts';

function fill(line: ReturnType<typeof createSourceTurns<string>>, items: string): void {
  for (const item of items.split(' ')) line.join(item.charAt(0), item, 9);
}

describe('a fair line', () => {
  it('serves its sources in turn, each in the order of its items', () => {
    const line = createSourceTurns<string>();
    fill(line, 'a1 a2 a3 b1 c1 b2');
    const served = [];
    for (let next = line.next(); next !== null; next = line.next()) {
      served.push(next.item);
      line.leave(next.source);
    }
    expect(served.join(' ')).toBe('a1 b1 c1 a2 b2 a3');
  });

  it('serves one item of a source at a time', () => {
    const line = createSourceTurns<string>();
    fill(line, 'a1 a2 b1');
    expect([line.next()?.item, line.next()?.item, line.next()]).toEqual(['a1', 'b1', null]);
    line.leave('a');
    expect(line.next()?.item).toBe('a2');
  });

  it('bounds what waits of one source, not what waits of others', () => {
    const line = createSourceTurns<string>();
    fill(line, 'a1 a2');
    expect(line.join('a', 'a3', 2)).toBe(false);
    expect(line.join('b', 'b1', 2)).toBe(true);
    line.next();
    expect(line.join('a', 'a3', 2)).toBe(true);
  });
});

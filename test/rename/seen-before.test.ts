import { describe, expect, it } from 'vitest';
import { isFromAfter } from '../../src/rename/seen-before.ts';
import { createWorld, ITERATION_ID, reads, said } from './world.ts';

const shown = (lastModified: unknown) => ({ name: 'any', lastModified });

describe('a reading', () => {
  it.each([
    { case: 'as old as the rename', reading: '2026-01-01T00:00:00.500Z', isAfter: true },
    { case: 'newer than it', reading: '2026-01-01T00:00:00.501Z', isAfter: true },
    { case: 'older than it', reading: '2026-01-01T00:00:00.499Z', isAfter: false },
    { case: 'of an unknown time', reading: null, isAfter: false },
  ])('that is $case is from after it: $isAfter', ({ reading, isAfter }) => {
    expect(isFromAfter(shown(reading), shown('2026-01-01T00:00:00.500Z'))).toBe(isAfter);
  });

  it('is not from after a rename in the same second, of which the service tells no part', () => {
    expect(isFromAfter(shown('2026-01-01T00:00:00.900Z'), shown('2026-01-01T00:00:00Z'))).toBe(false);
  });

  it('is compared with nothing where the rename tells no time, or was answered without an iteration', () => {
    expect(isFromAfter(shown('2026-01-01T00:00:00.500Z'), shown(null))).toBe(false);
    expect(isFromAfter(shown('2026-01-01T00:00:00.500Z'), null)).toBe(false);
  });
});

const renamedAt = (lastModified: string) => async () =>
  ({
    ...said,
    kind: 'renamed',
    status: 200,
    appliedName: 'v2',
    iteration: { id: ITERATION_ID, name: 'v2', lastModified },
  }) as const;

describe('the previous name', () => {
  it('is not what somebody else wrote after the rename, before the slow reading', async () => {
    const world = createWorld();
    await world.rename('v1');
    world.script.rename = renamedAt('2026-01-01T00:00:00.500Z');
    world.script.read = async () => reads('by hand', { lastModified: '2026-01-01T00:00:00.600Z' });
    const { renameId } = await world.rename('v2');
    expect(world.record(renameId).previousName).toBe('v1');
  });

  it('is what was read, where that is older', async () => {
    const world = createWorld();
    await world.rename('v1');
    world.script.rename = renamedAt('2026-01-01T00:00:00.500Z');
    world.script.read = async () => reads('by hand', { lastModified: '2026-01-01T00:00:00.400Z' });
    const { renameId } = await world.rename('v2');
    expect(world.record(renameId).previousName).toBe('by hand');
  });

  it('is what was read, where the rename was refused', async () => {
    const world = createWorld();
    const refusal = { status: 400, code: 'BadRequest', message: 'no' };
    world.script.rename = async () => ({ ...said, kind: 'refused', refusal });
    await world.rename('v1', { idempotencyKey: 'k' }).catch(() => {});
    expect(world.records()).toMatchObject([{ status: 'rejected', previousName: 'Iteration 1' }]);
  });

  it('is only what was read, where the rename was refused: the records may be older', async () => {
    const world = createWorld();
    await world.rename('v1');
    const refusal = { status: 400, code: 'BadRequest', message: 'no' };
    world.script.rename = async () => ({ ...said, kind: 'refused', refusal });
    world.script.read = async () => ({ kind: 'unavailable' });
    await world.rename('v2').catch(() => {});
    expect(world.records().at(-1)).toMatchObject({ status: 'rejected', previousName: null });
  });

  it('is unknown where neither the iteration nor the history can be read', async () => {
    const world = createWorld({
      log: () => ({ newestSucceeded: () => Promise.reject(new Error('the table is down')) }),
    });
    world.script.read = async () => ({ kind: 'unavailable' });
    const { renameId } = await world.rename('v1');
    expect(world.record(renameId)).toMatchObject({ status: 'succeeded', previousName: null });
  });
});

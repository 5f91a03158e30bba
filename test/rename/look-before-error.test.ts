import { describe, expect, it } from 'vitest';
import type { UpstreamAnswer, UpstreamReading } from '../../src/rename/upstream.ts';
import { createWorld, errorOf, reads, said } from './world.ts';

/** The service changes `lastModified` with each rename. */
const renamedSince = (name: string) => reads(name, { lastModified: '2026-01-01T00:00:00.100Z' });

const lookAfter = (before: UpstreamReading, after: UpstreamReading) => {
  const readings = [before, after];
  return async () => readings.shift() ?? after;
};

describe('one look at the iteration', () => {
  const faulty: UpstreamAnswer = { ...said, kind: 'faulty', status: 503, fault: 'server_error' };

  it.each<{ case: string; answer: UpstreamAnswer; upstreamStatus: number | null }>([
    { case: 'a 5xx', answer: faulty, upstreamStatus: 503 },
    {
      case: 'a 408',
      answer: { ...said, kind: 'faulty', status: 408, fault: 'request_timeout' },
      upstreamStatus: 408,
    },
    { case: 'a lost answer', answer: { ...said, kind: 'no_answer' }, upstreamStatus: null },
  ])('proves the rename after $case', async ({ answer, upstreamStatus }) => {
    const world = createWorld();
    world.script.rename = async () => answer;
    world.script.read = lookAfter(reads('old'), renamedSince('v1'));
    const { renameId, iteration } = await world.rename('v1');
    expect(iteration.name).toBe('v1');
    expect(world.record(renameId)).toMatchObject({
      status: 'succeeded',
      evidence: 'state',
      previousName: 'old',
      upstreamStatus,
    });
    expect(world.claims.size).toBe(0);
  });

  it('knows the name in the form that the service gave it', async () => {
    const world = createWorld();
    world.script.rename = async () => faulty;
    world.script.read = lookAfter(reads('old'), reads('line 3'));
    const { renameId } = await world.rename('line  3');
    expect(world.record(renameId)).toMatchObject({ status: 'succeeded', appliedName: 'line 3' });
  });

  it.each<{ case: string; before: UpstreamReading; after: UpstreamReading }>([
    { case: 'the iteration had the name before', before: reads('v1'), after: reads('v1') },
    { case: 'it has another name', before: reads('old'), after: reads('old') },
    { case: 'the reading before failed', before: { kind: 'unavailable' }, after: reads('v1') },
    { case: 'it cannot be read', before: reads('old'), after: { kind: 'unavailable' } },
  ])('proves nothing where $case', async ({ before, after }) => {
    const world = createWorld();
    world.script.rename = async () => faulty;
    world.script.read = lookAfter(before, after);
    const error = await errorOf(world.rename('v1'));
    expect(error.code).toBe('upstream_faulty');
    expect(world.record(error.renameId ?? '').status).toBe('pending');
  });
});

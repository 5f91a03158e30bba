import { describe, expect, it } from 'vitest';
import type { RenameCommand } from '../../src/rename/rename-command.ts';
import type { UpstreamAnswer } from '../../src/rename/upstream.ts';
import { createWorld, errorOf, reads, renamed, said } from './world.ts';

const refusal = { status: 400, code: 'BadRequestIterationNameNotUnique', message: 'taken' };
const key = { idempotencyKey: 'k' };
const OTHER_CALLER = { kind: 'entra-user', id: 'entra:other', name: null } as const;

describe.each<{ case: string; more: Partial<RenameCommand> }>([
  { case: 'with a key', more: key },
  { case: 'without any key', more: {} },
])('the same request again, $case,', ({ more }) => {
  it.each<{ answer: UpstreamAnswer; code: string }>([
    { answer: { ...said, kind: 'faulty', status: 503, fault: 'server_error' }, code: 'upstream_faulty' },
    { answer: { ...said, kind: 'no_answer' }, code: 'outcome_unknown' },
  ])('gets the first answer, $code, while the rename is pending', async ({ answer, code }) => {
    const world = createWorld();
    world.script.rename = async () => answer;
    const first = await errorOf(world.rename('v1', more));
    expect(first).toMatchObject({ code, retryAfterMs: world.timings.leaseMs + 1000, replayed: false });
    world.advance(1000);
    const again = await errorOf(world.rename('v1', more));
    expect(again).toMatchObject({ code, renameId: first.renameId, replayed: true });
    expect(again.retryAfterMs).toBe(world.timings.leaseMs); // a second has passed, and one more may seem to
    expect(world.sent).toEqual(['v1']);
  });

  it.each([
    { step: 'begin', fails: false },
    { step: 'note', fails: false },
    { step: 'begin', fails: true },
  ] as const)(
    'is settled after the pause that the first answer asks for, however long the $step takes (its note fails: $fails)',
    async ({ step, fails }) => {
      const world = createWorld({
        log: (log) => ({
          // It is written at the end of that time, which the process cannot know.
          begin: (...args) => {
            if (step === 'begin' && world.sent.length === 0) world.advance(5000);
            return log.begin(...args);
          },
          note: async (...args) => {
            if (fails) throw new Error('the table is down');
            if (step === 'note') world.advance(5000);
            return log.note(...args);
          },
        }),
      });
      world.script.rename = async () => ({ ...said, kind: 'no_answer' });
      const first = await errorOf(world.rename('v1', more));
      world.script.read = async () => reads('v1');
      // The age of a lease is read to the second: one more may seem to be left.
      world.advance((first.retryAfterMs ?? 0) - 1000);
      expect(await world.rename('v1', more)).toMatchObject({ renameId: first.renameId, replayed: true });
    },
  );

  it('gets its own outcome once the rename is settled, although another caller has renamed since', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    const first = await errorOf(world.rename('v1', more));
    world.advance(world.timings.leaseMs);
    world.script.read = async () => reads('v1');
    for (const lease of world.leases()) expect(await world.settle(lease, world.report)).toBe(true);
    world.script.rename = async (name) => renamed(name);
    await world.rename('v2', { caller: OTHER_CALLER });
    expect(await world.rename('v1', more)).toMatchObject({ renameId: first.renameId, replayed: true });
    expect(world.sent).toEqual(['v1', 'v2']);
  });

  it('renames after all where the first one provably changed nothing', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'not_sent', reason: 'unreachable' });
    const first = await errorOf(world.rename('v1', more));
    world.script.rename = async (name) => renamed(name);
    const second = await world.rename('v1', more);
    expect(world.record(second.renameId)).toMatchObject({ status: 'succeeded', replaces: first.renameId });
  });

  it('stays without an effect where a third name proves nothing', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    const first = await errorOf(world.rename('v1', more));
    world.script.read = async () =>
      reads('C', { lastModified: new Date(world.now()).toISOString(), answeredAtMs: world.now() });
    world.advance(world.timings.leaseMs);
    expect(await errorOf(world.rename('v1', more))).toMatchObject({
      code: 'unresolved',
      renameId: first.renameId,
    });
    expect(world.record(first.renameId ?? '')).toMatchObject({ status: 'unresolved', evidence: 'state' });
    expect(world.sent).toEqual(['v1']);
  });

  it('learns that the outcome is unknown where the lease has expired and the iteration cannot be read', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    const first = await errorOf(world.rename('v1', more));
    world.script.read = async () => ({ kind: 'unavailable' });
    world.advance(world.timings.leaseMs);
    expect(await errorOf(world.rename('v1', more))).toMatchObject({
      code: 'outcome_unknown',
      renameId: first.renameId,
      retryAfterMs: world.timings.upstreamTimeoutMs,
    });
  });
});

describe('a request without a key', () => {
  it('is a new one once its caller was answered: an intended second rename to the same name', async () => {
    const world = createWorld();
    const first = await world.rename('v1');
    await world.rename('v2', { caller: OTHER_CALLER });
    const second = await world.rename('v1');
    expect(second).toMatchObject({ replayed: false });
    expect(second.renameId).not.toBe(first.renameId);
    expect(world.sent).toEqual(['v1', 'v2', 'v1']);
    expect(world.claims.size).toBe(0);
  });

  it.each<{ answer: UpstreamAnswer; code: string }>([
    { answer: { ...said, kind: 'refused', refusal }, code: 'upstream_refused' },
    {
      answer: { ...said, kind: 'throttled', refusal: { ...refusal, status: 429 }, retryAfterMs: 1000 },
      code: 'upstream_throttled',
    },
  ])('is a new one after $code', async ({ answer, code }) => {
    const world = createWorld();
    world.script.rename = async () => answer;
    expect(await errorOf(world.rename('v1'))).toMatchObject({ code });
    expect(world.claims.size).toBe(0);
  });

  it('is a new one once its settled outcome was told', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1'));
    world.advance(world.timings.leaseMs);
    world.script.read = async () => reads('v1');
    expect(await world.rename('v1')).toMatchObject({ replayed: true });
    world.script.rename = async (name) => renamed(name);
    expect(await world.rename('v1')).toMatchObject({ replayed: false });
    expect(world.sent).toEqual(['v1', 'v1']);
  });

  it('is a new one once its settled outcome was told, although its key could not be ended at once', async () => {
    let failures = 2;
    const world = createWorld({
      log: (log) => ({
        forgetClaim: async (claim) => {
          if ((failures -= 1) >= 0) throw new Error('the table is down');
          return log.forgetClaim(claim);
        },
      }),
    });
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1'));
    world.advance(world.timings.leaseMs);
    world.script.read = async () => reads('v1');
    expect(await world.rename('v1')).toMatchObject({ replayed: true });
    await new Promise(setImmediate);
    world.script.rename = async (name) => renamed(name);
    expect(await world.rename('v1')).toMatchObject({ replayed: false });
  });

  it('is a new one after ten minutes, whatever was told', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    const first = await errorOf(world.rename('v1'));
    world.script.read = async () =>
      reads('C', { lastModified: new Date(world.now()).toISOString(), answeredAtMs: world.now() });
    world.advance(9 * 60_000);
    expect(await errorOf(world.rename('v1'))).toMatchObject({ code: 'unresolved' });
    world.advance(60_000);
    world.script.rename = async (name) => renamed(name);
    const second = await world.rename('v1');
    expect(second.replayed).toBe(false);
    expect(world.record(second.renameId).replaces).toBe(null);
    expect(second.renameId).not.toBe(first.renameId);
  });

  it('is another one for another caller, or another name', async () => {
    const world = createWorld();
    world.script.rename = async () => ({ ...said, kind: 'no_answer' });
    await errorOf(world.rename('v1'));
    expect(await errorOf(world.rename('v1', { caller: OTHER_CALLER }))).toMatchObject({
      code: 'iteration_busy',
    });
    expect(await errorOf(world.rename('v2'))).toMatchObject({ code: 'iteration_busy' });
  });
});
